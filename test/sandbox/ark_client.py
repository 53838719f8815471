"""Runs Volcengine's own SDK against the sandbox and prints what it understood, as one JSON line."""

import json
import sys

from volcenginesdkarkruntime import Ark
from volcenginesdkarkruntime._exceptions import ArkBadRequestError

client = Ark(api_key="k", base_url=sys.argv[1] + "/api/v3", max_retries=0)

chat = client.chat.completions.create(
    model="doubao-seed-2-0-lite-260428",
    messages=[{"role": "user", "content": "theme: 介绍我们的新款智能手表\nscenes: 3"}],
    thinking={"type": "disabled"},
    response_format={"type": "json_object"},
)
stream = client.chat.completions.create(
    model="doubao-seed-2-0-lite-260428",
    messages=[{"role": "user", "content": "hello"}],
    thinking={"type": "disabled"},
    stream=True,
)
image = client.images.generate(
    model="doubao-seedream-4-5-251128",
    prompt="智能手表",
    size="1440x2560",
    response_format="url",
    watermark=False,
)
try:
    client.images.generate(model="doubao-seedream-4-5-251128", prompt="x", size="720x1280")
    refused = None
except ArkBadRequestError as error:
    refused = {"status": error.status_code, "code": error.code, "param": error.param}

print(
    json.dumps(
        {
            "scenes": len(json.loads(chat.choices[0].message.content)["scenes"]),
            "tokens": chat.usage.total_tokens,
            "streamed": "".join(c.choices[0].delta.content or "" for c in stream if c.choices),
            "url": image.data[0].url,
            "size": image.data[0].size,
            "images": image.usage.generated_images,
            "refused": refused,
        }
    )
)
