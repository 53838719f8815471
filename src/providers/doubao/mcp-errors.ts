import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyArkError } from './ark-errors.ts';

/** What an MCP server for Doubao says when a tool failed: text that wraps what Ark said. `isError` stays false on it. */
export interface DoubaoMcpFault {
  error: string;
}

/** An Ark envelope as JSON, or as Python prints it: `{"error": {"code": "X", …}}`, `{'error': {'code': 'X', …}}`. */
const CODE = /['"]code['"]\s*:\s*['"]([\w.-]{1,100})['"]/;
const TYPE = /['"]type['"]\s*:\s*['"](\w{1,40})['"]/;
const MESSAGE = /['"]message['"]\s*:\s*(?:"([^"]*)"|'([^']*)')/;
/** `Error code: 429 - {…}`: its HTTP client's own form. */
const STATUS = /Error code:\s*(\d{3})/;

/** Where the HTTP status itself is not told: the envelope's `type` is its name. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  ...{ BadRequest: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404, TooManyRequests: 429 },
};

/** Told before anything was sent, by the server or by what runs its tools. */
const NOT_SENT =
  /connection refused|ECONNREFUSED|failed to establish a new connection|ConnectTimeoutError|name or service not known|name resolution|nodename nor servname|ENOTFOUND|^Unknown tool:|validation errors? for |unexpected keyword argument/i;
const NO_KEY = /^[^{]*API key is required/;
/** The server's own words for a request that went out and was not answered. */
const NETWORK = /^network error:|Connection error|timed? ?out/i;

/** Where the code is lost, Ark's own sentence is all there is to tell these from any other 400. */
const REFUSED_CONTENT = /\b(sensitive information|copyright|content (policy|risk)|risk detection)\b/i;

/** What it means for the next attempt: as over HTTP where Ark's code can be dug out. */
export function classifyDoubaoMcpError({ error }: DoubaoMcpFault): DoubaoMcpError {
  const code = CODE.exec(error)?.[1] ?? null;
  const told = STATUS.exec(error)?.[1];
  const status = told === undefined ? (STATUS_OF_TYPE[TYPE.exec(error)?.[1] ?? ''] ?? null) : Number(told);
  if (code !== null) {
    const message = MESSAGE.exec(error);
    // Without a status, the code's family alone decides; an unknown code then counts as the provider's own fault.
    const fault = { code, status: status ?? 500, message: message?.[1] ?? message?.[2] ?? '' };
    return { ...classifyArkError(fault), status };
  }
  if (NOT_SENT.test(error)) return { kind: 'network_error', code, status };
  if (NO_KEY.test(error)) return { kind: 'provider_auth', code: 'ApiKeyMissing', status };
  if (status === 400 && REFUSED_CONTENT.test(error)) return { kind: 'content_rejected', code, status };
  if (status !== null && status < 500 && status !== 408 && status !== 409)
    return { ...classifyArkError({ code: '', status, message: '' }), status };
  // A bare 5xx, a broken connection, or no known words: whether Ark made and billed it cannot be told.
  return { kind: 'outcome_unknown', code: NETWORK.test(error) ? 'NetworkError' : code, status };
}

export interface DoubaoMcpError {
  kind: ProviderErrorKind;
  /** Ark's, where it is told. */
  code: string | null;
  status: number | null;
}
