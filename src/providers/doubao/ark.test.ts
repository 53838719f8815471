import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { ProviderError, type ProviderErrorDetails } from '../../domain/errors.ts';
import { createPool, type ServicePool } from '../pool.ts';
import {
  CLOSED_PORT,
  cut,
  htmlPage,
  json,
  type LocalHost,
  resetAfterRequest,
  silence,
  startHost,
} from '../testing/local-host.ts';
import type { Answer } from '../testing/local-host.ts';
import { createArk, type ArkOptions } from './ark.ts';
import type { ChatRequest, ImageRequest } from './interfaces.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const KEY = 'ark-key-7f3a';
const PROMPT = 'a lighthouse at dusk';
const REQUEST_ID = '0217685302674875ed129591da48e074cf9db74a161503f61e734';

const CHAT: ChatRequest = {
  model: 'doubao-seed-2-0-lite-260428',
  messages: [
    { role: 'system', content: 'You write.' },
    { role: 'user', content: PROMPT },
  ],
  jsonSchema: { name: 'storyboard', schema: { type: 'object', properties: { a: { type: 'integer' } } } },
  maxTokens: 800,
};
const IMAGE: ImageRequest = {
  model: 'doubao-seedream-4-0-250828',
  prompt: PROMPT,
  width: 1440,
  height: 2560,
  seed: 11,
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

function pool(limits: Partial<Parameters<typeof createPool>[0]> = {}): ServicePool {
  const made = createPool({ maxConnections: 2, connectionTimeoutMs: 2_000, readTimeoutMs: 2_000, ...limits });
  open.push({ close: () => made.agent.destroy() });
  return made;
}

async function arkWith(answer: Answer, options: Partial<ArkOptions> = {}) {
  const host: LocalHost = await startHost(answer);
  open.push(host);
  return { host, ark: createArk({ baseUrl: `${host.url}/api/v3`, apiKey: KEY, pool: pool(), ...options }) };
}

async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ProviderError, String(error));
  const all = `${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`;
  assert.ok(!all.includes(KEY) && !all.includes(PROMPT), `says too much: ${all}`);
  return error;
}

const detailsOf = async (call: Promise<unknown>): Promise<Partial<ProviderErrorDetails>> =>
  (await failureOf(call)).details;

describe('embeddings', () => {
  const usage = { prompt_tokens: 9, total_tokens: 9 };
  const text = { model: 'doubao-embedding-text-240715', endpoint: 'text', text: PROMPT } as const;
  const parts = { model: 'doubao-embedding-vision-250615', endpoint: 'multimodal', text: PROMPT } as const;

  it('asks for numbers, each endpoint in its own form, and reads its own form of answer', async () => {
    const vector = { object: 'embedding', embedding: [0.25, -0.5] };
    for (const [request, path, input, data] of [
      [text, '/api/v3/embeddings', [PROMPT], [{ ...vector, index: 0 }]],
      [parts, '/api/v3/embeddings/multimodal', [{ type: 'text', text: PROMPT }], vector],
    ] as const) {
      const { host, ark } = await arkWith(json(200, { id: '02', object: 'list', model: 'm-1', data, usage }));
      assert.deepEqual(await ark.embed(request), { values: [0.25, -0.5], model: 'm-1', inputTokens: 9 });
      assert.deepEqual([host.requests.length, host.requests[0]?.path], [1, path]);
      const body: unknown = JSON.parse(host.requests[0]?.body ?? '');
      assert.deepEqual(body, { model: request.model, input, encoding_format: 'float' });
    }
  });

  it('takes what is no vector, or more than one, for an answer that may be billed', async () => {
    for (const data of [
      [],
      [{ embedding: [1] }, { embedding: [1] }],
      { embedding: [] },
      { embedding: 'AACAPw==' },
      null,
    ]) {
      const { ark } = await arkWith(json(200, { data, usage }));
      assert.equal((await detailsOf(ark.embed(text))).billed, 'unknown', JSON.stringify(data));
    }
  });
});

describe('chat', () => {
  it('asks for a strict JSON Schema without thinking', async () => {
    const { host, ark } = await arkWith(json(200, fixture('chat.json')));
    await ark.chat(CHAT);
    const [request] = host.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.path, '/api/v3/chat/completions');
    assert.equal(request?.headers.authorization, `Bearer ${KEY}`);
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.equal(request?.headers['content-length'], String(Buffer.byteLength(request?.body ?? '')));
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      model: 'doubao-seed-2-0-lite-260428',
      messages: CHAT.messages,
      max_tokens: 800,
      thinking: { type: 'disabled' },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'storyboard', schema: CHAT.jsonSchema.schema, strict: true },
      },
    });
  });

  it('reads the recorded answer', async () => {
    const { ark } = await arkWith(json(200, fixture('chat.json')));
    assert.deepEqual(await ark.chat(CHAT), {
      content: '{"a":1}',
      finishReason: 'stop',
      model: 'doubao-seed-2-0-lite-260428',
      usage: { inputTokens: 98, outputTokens: 120 },
    });
  });

  it('leaves the fall-back to a plain object to the caller', async () => {
    const message = 'The parameter `response_format.type` specified in the request is not valid. Request id: 02ab';
    const { host, ark } = await arkWith(json(400, { error: { code: 'InvalidParameter', message } }));
    const details = await detailsOf(ark.chat(CHAT));
    assert.equal(details.kind, 'permanent');
    assert.equal(details.code, 'ResponseFormatUnsupported');
    assert.equal(host.requests.length, 1);
    await failureOf(ark.chat({ ...CHAT, responseFormat: 'json_object' }));
    const second = JSON.parse(host.requests[1]?.body ?? '') as { response_format: unknown };
    assert.deepEqual(second.response_format, { type: 'json_object' });
  });

  it('reads usage that is missing as null, and an error inside a 200 as an error', async () => {
    const answers = [
      json(200, { choices: [{ message: { content: 'x' } }] }),
      json(200, { error: { code: 'ServerOverloaded' } }),
    ];
    const { ark } = await arkWith((response, request) => answers.shift()?.(response, request));
    assert.equal((await ark.chat(CHAT)).usage, null);
    assert.equal((await detailsOf(ark.chat(CHAT))).kind, 'rate_limit');
  });
});

describe('createImage', () => {
  const bodyFor = async (request: ImageRequest, options: Partial<ArkOptions> = {}) => {
    const { host, ark } = await arkWith(json(200, fixture('image.json')), options);
    await ark.createImage(request);
    assert.equal(host.requests[0]?.path, '/api/v3/images/generations');
    return JSON.parse(host.requests[0]?.body ?? '') as unknown;
  };
  const common = { prompt: PROMPT, size: '1440x2560', response_format: 'url', watermark: false };

  it('asks a 4.0 model for one picture, without a seed', async () => {
    const expected = { model: IMAGE.model, ...common, sequential_image_generation: 'disabled' };
    assert.deepEqual(await bodyFor(IMAGE), expected);
  });

  it('sends the seed to a 3.0 model only, which knows no sequences', async () => {
    const model = 'doubao-seedream-3-0-t2i-250415';
    assert.deepEqual(await bodyFor({ ...IMAGE, model }), { model, ...common, seed: 11 });
  });

  it('sends neither to a 5.0-pro model', async () => {
    const model = 'doubao-seedream-5-0-pro-260628';
    assert.deepEqual(await bodyFor({ ...IMAGE, model }), { model, ...common });
  });

  it('takes the family of an endpoint id from the configuration', async () => {
    const model = 'ep-20260416234150-zsd4v';
    const body = await bodyFor({ ...IMAGE, model }, { imageFamily: 'doubao-seedream-3-0-t2i-250415' });
    assert.deepEqual(body, { model, ...common, seed: 11 });
  });

  it('hands on the URL byte by byte', async () => {
    const { ark } = await arkWith(json(200, fixture('image.json')));
    assert.deepEqual(await ark.createImage(IMAGE), {
      url: 'https://ark-content-generation.example/seedream/a%2Fb.jpeg?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Expires=86400&X-Tos-Signature=0a%2B',
      model: 'doubao-seedream-4-5-251128',
      generatedImages: 1,
    });
  });

  it('finds the error of the one picture in a 200', async () => {
    const { ark } = await arkWith(json(200, fixture('image-entry-error.json')));
    const error = await failureOf(ark.createImage(IMAGE));
    assert.equal(error.details.kind, 'content_rejected');
    assert.equal(error.details.code, 'OutputImageSensitiveContentDetected');
    assert.equal(error.details.billed, 'no');
    assert.ok(error.message.includes(REQUEST_ID));
    assert.ok(!error.message.includes('sensitive information'));
  });

  it('finds the error above the data in a 200', async () => {
    const { ark } = await arkWith(json(200, fixture('image-top-level-error.json')));
    const { kind, billed } = await detailsOf(ark.createImage(IMAGE));
    assert.deepEqual({ kind, billed }, { kind: 'temporary_failure', billed: 'no' });
  });

  it('does not take an answer without a picture for free', async () => {
    const { ark } = await arkWith(json(200, { data: [], usage: {} }));
    assert.equal((await detailsOf(ark.createImage(IMAGE))).kind, 'outcome_unknown');
  });
});

describe('what an answer means', () => {
  const envelope = (code: string) => ({
    error: { code, message: `no. Request id: ${REQUEST_ID}`, param: '', type: 'x' },
  });
  const rows: [name: string, answer: Answer, kind: string, billed: string][] = [
    ['a recorded 400', json(400, fixture('error.json')), 'permanent', 'no'],
    ['401', json(401, envelope('AuthenticationError')), 'provider_auth', 'no'],
    ['404 of a closed model', json(404, envelope('ModelNotOpen')), 'provider_auth', 'no'],
    ['429', json(429, envelope('ModelAccountIpmRateLimitExceeded')), 'rate_limit', 'no'],
    ['429 without envelope', htmlPage(429), 'rate_limit', 'no'],
    ['429, cut', cut(429, '{"error":'), 'rate_limit', 'no'],
    ['400, cut', cut(400, '{"error":'), 'network_error', 'no'],
    ['404 page of a wrong base URL', htmlPage(404), 'permanent', 'no'],
    ['401 without envelope', htmlPage(401), 'provider_auth', 'no'],
    ['302', htmlPage(302), 'permanent', 'no'],
    ['408 without envelope', htmlPage(408), 'outcome_unknown', 'unknown'],
    ['500 with envelope', json(500, envelope('InternalServiceError')), 'temporary_failure', 'no'],
    ['503 with envelope', json(503, envelope('ServiceUnavailable')), 'temporary_failure', 'no'],
    ['500 without envelope', htmlPage(500), 'outcome_unknown', 'unknown'],
    ['502 with other JSON', json(502, { message: 'bad gateway' }), 'outcome_unknown', 'unknown'],
    ['200 page', htmlPage(200), 'outcome_unknown', 'unknown'],
    ['200 with other JSON', json(200, { hello: 1 }), 'outcome_unknown', 'unknown'],
    ['200 with half of the JSON', json(200, fixture('chat.json').slice(0, 200)), 'outcome_unknown', 'unknown'],
    ['200, cut', cut(200, fixture('chat.json').slice(0, 200)), 'outcome_unknown', 'unknown'],
    ['500, cut', cut(500, '{"error":'), 'outcome_unknown', 'unknown'],
    ['reset after the request', resetAfterRequest, 'outcome_unknown', 'unknown'],
    ['closed after the request', (_response, request) => void request.socket.end(), 'outcome_unknown', 'unknown'],
  ];
  for (const [name, answer, kind, billed] of rows) {
    it(`${name}: ${kind}, one request`, async () => {
      const { host, ark } = await arkWith(answer);
      const details = await detailsOf(ark.chat(CHAT));
      assert.deepEqual({ kind: details.kind, billed: details.billed }, { kind, billed });
      assert.equal(details.provider, 'ark');
      assert.equal(host.requests.length, 1);
    });
  }

  it('no answer in time: outcome_unknown, one request', async () => {
    const { host, ark } = await arkWith(silence, { answerTimeoutMs: 150, pool: pool({ readTimeoutMs: 60_000 }) });
    const started = Date.now();
    const { kind, billed } = await detailsOf(ark.createImage(IMAGE));
    assert.deepEqual({ kind, billed }, { kind: 'outcome_unknown', billed: 'unknown' });
    assert.equal(host.requests.length, 1);
    assert.ok(Date.now() - started < 10_000);
  });

  it('an answer that falls silent: outcome_unknown', async () => {
    const begun: Answer = (response) => void response.writeHead(200).write('{');
    const { ark } = await arkWith(begun, { answerTimeoutMs: 150, pool: pool({ readTimeoutMs: 60_000 }) });
    const started = Date.now();
    assert.equal((await detailsOf(ark.chat(CHAT))).kind, 'outcome_unknown');
    assert.ok(Date.now() - started < 10_000);
  });

  it('waits for a purchase longer than the pool reads otherwise', async () => {
    // undici counts timeouts in steps of half a second, the first of which may be short.
    const late = 2_000;
    const answer: Answer = (response, request) => {
      response.on('error', () => {});
      setTimeout(() => json(200, fixture('image.json'))(response, request), late);
    };
    const { ark } = await arkWith(answer, { pool: pool({ readTimeoutMs: 100 }) });
    assert.equal((await ark.createImage(IMAGE)).generatedImages, 1);
  });

  it('an answer in drops is given up after its time, and its socket is free again', { timeout: 10_000 }, async () => {
    let calls = 0;
    const drip: Answer = (response, request) => {
      calls += 1;
      if (calls > 2) return json(200, fixture('chat.json'))(response, request);
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    };
    const { ark } = await arkWith(drip, { pool: pool({ maxConnections: 1 }), answerTimeoutMs: 400 });
    for (const kind of ['outcome_unknown', 'outcome_unknown']) {
      const details = await detailsOf(ark.chat(CHAT));
      assert.deepEqual([details.kind, details.billed, details.code], [kind, 'unknown', 'AnswerTimeout']);
    }
    assert.ok((await ark.chat(CHAT)).content);
  });

  it('an endless answer is not read to its end', { timeout: 10_000 }, async () => {
    const endless: Answer = (response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1024 * 1024, 'x'), more));
      more();
    };
    const { ark } = await arkWith(endless);
    const { kind, code } = await detailsOf(ark.chat(CHAT));
    assert.deepEqual([kind, code], ['outcome_unknown', 'AnswerTooLarge']);
  });

  it('gives status, code and request id, in our words', async () => {
    const { ark } = await arkWith(json(400, fixture('error.json')));
    const error = await failureOf(ark.chat(CHAT));
    assert.equal(error.message, `ark refused the request (InvalidParameter, request ${REQUEST_ID})`);
    assert.equal(error.details.httpStatus, 400);
  });

  it('does not repeat a code that is no code', async () => {
    const { ark } = await arkWith(json(400, envelope(`x ${PROMPT}`)));
    assert.equal((await detailsOf(ark.chat(CHAT))).code, null);
  });

  it('keeps Retry-After, as seconds and as a date', async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    const answers = ['7', date].map((wait) => json(429, envelope('ServerOverloaded'), { 'retry-after': wait }));
    const { ark } = await arkWith((response, request) => answers.shift()?.(response, request));
    assert.equal((await detailsOf(ark.chat(CHAT))).retryAfterMs, 7_000);
    const wait = (await detailsOf(ark.chat(CHAT))).retryAfterMs ?? 0;
    assert.ok(wait > 25_000 && wait <= 30_000, String(wait));
  });
});

describe('before anything was sent', () => {
  const unreached = async (baseUrl: string, ours = pool()) => {
    const { kind, billed, code } = await detailsOf(createArk({ baseUrl, apiKey: KEY, pool: ours }).chat(CHAT));
    assert.deepEqual({ kind, billed }, { kind: 'network_error', billed: 'no' });
    return code;
  };

  it('a refused connection is network_error', async () => {
    assert.equal(await unreached(`http://127.0.0.1:${CLOSED_PORT}`), 'ECONNREFUSED');
  });

  it('a name that does not resolve is network_error', async () => {
    assert.match((await unreached('http://ark.invalid')) ?? '', /^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('a connection that is never ready is network_error', async () => {
    // Accepts, but never answers the TLS greeting.
    const server = createTcpServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: async () => void server.close() });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const started = Date.now();
    assert.equal(await unreached(url, pool({ connectionTimeoutMs: 200 })), 'UND_ERR_CONNECT_TIMEOUT');
    assert.ok(Date.now() - started < 5_000);
  });

  it('a failed TLS handshake is network_error, and the request stays here', async () => {
    const host = await startHost(json(200, fixture('chat.json')));
    open.push(host);
    await unreached(`https://${host.host}`);
    assert.equal(host.requests.length, 0);
  });
});

describe('createPool', () => {
  it('opens no more connections than allowed', async () => {
    let now = 0;
    let most = 0;
    const host = await startHost((response, request) => {
      most = Math.max(most, (now += 1));
      setTimeout(() => {
        now -= 1;
        json(200, fixture('chat.json'))(response, request);
      }, 50);
    });
    open.push(host);
    const ark = createArk({ baseUrl: host.url, apiKey: KEY, pool: pool({ maxConnections: 2 }) });
    await Promise.all(Array.from({ length: 6 }, () => ark.chat(CHAT)));
    assert.equal(most, 2);
  });

  it('lets a purchase finish when closed', async () => {
    const late: Answer = (response, request) =>
      void setTimeout(() => json(200, fixture('chat.json'))(response, request), 150);
    const ours = pool();
    const { host, ark } = await arkWith(late, { pool: ours });
    const bought = ark.chat(CHAT);
    while (host.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await ours.close();
    assert.equal((await bought).content, '{"a":1}');
  });
});

describe('a reference picture', () => {
  const REFERENCE = 'data:image/jpeg;base64,AAAA';
  const bodyOf = async (model: string, request: Partial<ImageRequest>) => {
    const { host, ark } = await arkWith(json(200, fixture('image.json')));
    await ark.createImage({ ...IMAGE, model, ...request });
    return JSON.parse(host.requests[0]?.body ?? '') as Record<string, unknown>;
  };

  it('is sent as it is given, to a model that takes one', async () => {
    const body = await bodyOf('doubao-seedream-4-0-250828', { referenceImage: REFERENCE });
    assert.equal(body.image, REFERENCE);
  });

  it('is not sent to a model that refuses the field, nor when there is none', async () => {
    const old = await bodyOf('doubao-seedream-3-0-t2i-250415', { referenceImage: REFERENCE });
    assert.ok(!('image' in old));
    assert.ok(!('image' in (await bodyOf('doubao-seedream-4-0-250828', { referenceImage: null }))));
    assert.ok(!('image' in (await bodyOf('doubao-seedream-4-0-250828', {}))));
  });
});
