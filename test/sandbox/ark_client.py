"""Runs Volcengine's own SDK against the sandbox and prints what it understood, as one JSON line."""

import json
import sys

from volcenginesdkarkruntime import Ark
from volcenginesdkarkruntime._exceptions import ArkBadRequestError
from volcenginesdkarkruntime.types.multimodal_embedding.embedding_usage import MultimodalEmbeddingUsage

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
texts = client.embeddings.create(
    model="doubao-embedding-large-text-250515", input=["智能手表", "一只橘猫"], encoding_format="float"
)
together = client.multimodal_embeddings.create(
    model="doubao-embedding-vision-250615", input=[{"type": "text", "text": "智能手表"}], dimensions=1024
)
# The SDK leaves this part as it came; its own model says whether it is one.
embedded = MultimodalEmbeddingUsage.model_validate(dict(together.usage))
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
            "embeddings": [len(each.embedding) for each in texts.data],
            "together": len(together.data.embedding),
            "embedded_tokens": [texts.usage.prompt_tokens, embedded.prompt_tokens],
            "refused": refused,
        }
    )
)
