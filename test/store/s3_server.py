"""moto's S3 on a free port, behind a check of every request's signature (V4, header or query) by AWS's own signer.

moto itself takes any signature and any age: the door is what makes a presigned URL worth testing. Ends with its stdin.
"""

import datetime
import hashlib
import hmac
import io
import os
import sys
import threading
from urllib.parse import parse_qs, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY, SECRET, REGION = sys.argv[1:4]


class Refused(Exception):
    pass


class Check(S3SigV4Auth):
    def __init__(self, names):
        super().__init__(Credentials(KEY, SECRET), "s3", REGION)
        self.names = names

    def headers_to_sign(self, request):
        signed = HTTPHeaders()
        for name in self.names:
            signed[name] = request.headers.get(name, "")
        return signed

    def payload(self, request):
        return request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")


def headers_of(environ):
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def check(environ):
    raw = urlsplit(environ["REQUEST_URI"])
    query = parse_qs(raw.query, keep_blank_values=True)
    headers = headers_of(environ)
    if "X-Amz-Signature" in query:
        said = {name: query[f"X-Amz-{name}"][0] for name in ("Credential", "SignedHeaders", "Signature", "Date")}
        made = datetime.datetime.strptime(said["Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        age = (datetime.datetime.now(datetime.timezone.utc) - made).total_seconds()
        if age > int(query["X-Amz-Expires"][0]):
            raise Refused("AccessDenied", "Request has expired")
        signed_query = "&".join(part for part in raw.query.split("&") if not part.startswith("X-Amz-Signature="))
        headers.pop("x-amz-content-sha256", None)
    elif "authorization" in headers:
        parts = headers["authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(",")
        said = dict(part.strip().split("=", 1) for part in parts)
        said["Date"] = headers["x-amz-date"]
        signed_query = raw.query
    else:
        raise Refused("AccessDenied", "Access Denied")
    if said["Credential"].split("/")[0] != KEY:
        raise Refused("InvalidAccessKeyId", "The access key does not exist")
    url = f"http://{headers['host']}{raw.path}" + (f"?{signed_query}" if signed_query else "")
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url)
    for name, value in headers.items():
        request.headers[name] = value
    request.context["timestamp"] = said["Date"]
    signer = Check(said["SignedHeaders"].split(";"))
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(expected, said["Signature"]):
        raise Refused("SignatureDoesNotMatch", "The signature does not match")
    check_body(environ, headers)


def check_body(environ, headers):
    """What was cut on its way, or is not what was signed, is never stored."""
    length = int(headers.get("content-length", "0"))
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    if len(body) != length:
        raise Refused("IncompleteBody", "The body is not complete")
    claimed = headers.get("x-amz-content-sha256", "")
    if len(claimed) == 64 and hashlib.sha256(body).hexdigest() != claimed:
        raise Refused("XAmzContentSHA256Mismatch", "The body is not what was signed")


def guarded(app):
    def door(environ, start_response):
        try:
            check(environ)
        except Refused as refusal:
            code, message = refusal.args
            body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
            headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
            status = "400 Bad Request" if code in ("IncompleteBody", "XAmzContentSHA256Mismatch") else "403 Forbidden"
            start_response(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        # moto's objects are not made for threads; answers are whole when it gives them, and travel side by side.
        with one_at_a_time:
            return app(environ, start_response)

    one_at_a_time = threading.Lock()
    return door


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


server = make_server("127.0.0.1", 0, guarded(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=Quiet)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
