import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import { PermanentError, ProviderError, type ProviderErrorDetails } from '../../domain/errors.ts';
import { createPool } from '../pool.ts';
import {
  type Answer,
  CLOSED_PORT,
  cut,
  htmlPage,
  json,
  resetAfterRequest,
  silence,
  startHost,
} from '../testing/local-host.ts';
import { createSpeech, type SpeechOptions } from './speech.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const VOICE_1 = 'zh_male_dongfanghaoran_moon_bigtts';
const VOICE_2 = 'zh_female_vv_uranus_bigtts';
const VOICE_SMALL = 'BV001_streaming';
const REQUEST_ID = '8a3b1c9e-4e0e-4f59-9d0a-0d5f2f5f9c11';
const TEXT = '其他人。';
const PAIR = { appId: '1234567890', accessToken: 'token-5c1d' };

/** As many milliseconds of a rising tone of bytes, so that a lost or doubled byte shows. */
const pcmOf = (ms: number) => Buffer.from(Array.from({ length: ms * 48 }, (_, index) => index % 251));
const line = (frame: unknown) => `${JSON.stringify(frame)}\n`;
const audioLine = (pcm: Buffer) => line({ code: 0, message: '', data: pcm.toString('base64') });
const FINISH = line({ code: 20000000, message: 'ok', data: null, usage: { text_words: 4 } });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function speechWith(answer: Answer, options: Partial<SpeechOptions> = {}) {
  const host = await startHost(answer);
  const pool = createPool({ maxConnections: 2, connectionTimeoutMs: 2_000, readTimeoutMs: 2_000 });
  open.push(host, { close: () => pool.agent.destroy() });
  const speech = createSpeech({ baseUrl: host.url, credentials: PAIR, pool, ...options });
  const say = (voice = VOICE_1, text = TEXT) => speech.synthesize({ text, voice, requestId: REQUEST_ID });
  return { host, say };
}

async function detailsOf(call: Promise<unknown>): Promise<ProviderErrorDetails> {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ProviderError, String(error));
  const all = `${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`;
  assert.ok(!all.includes(PAIR.accessToken) && !all.includes(TEXT), `says too much: ${all}`);
  return error.details;
}

const kindOf = async (call: Promise<unknown>) => (await detailsOf(call)).kind;

const refusesWith = (code: string) => (error: unknown) => error instanceof PermanentError && error.code === code;

describe('V3', () => {
  it('asks a 1.0 voice for PCM and timestamps, under its resource', async () => {
    const { host, say } = await speechWith(json(200, fixture('speech-v3.ndjson')));
    await say();
    const [request] = host.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.path, '/api/v3/tts/unidirectional');
    assert.equal(request?.headers['x-api-app-id'], PAIR.appId);
    assert.equal(request?.headers['x-api-access-key'], PAIR.accessToken);
    assert.equal(request?.headers['x-api-key'], undefined);
    assert.equal(request?.headers['x-api-resource-id'], 'seed-tts-1.0');
    assert.equal(request?.headers['x-api-request-id'], REQUEST_ID);
    assert.equal(request?.headers['x-control-require-usage-tokens-return'], 'text_words');
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      req_params: {
        text: TEXT,
        speaker: VOICE_1,
        audio_params: { format: 'pcm', sample_rate: 24000, enable_timestamp: true },
      },
    });
  });

  it('asks a 2.0 voice for subtitles, with one key', async () => {
    const answer = json(200, fixture('speech-v3.ndjson'));
    const { host, say } = await speechWith(answer, { credentials: { apiKey: 'key-9' } });
    assert.equal((await say(VOICE_2)).model, 'seed-tts-2.0');
    const [request] = host.requests;
    assert.equal(request?.headers['x-api-key'], 'key-9');
    assert.equal(request?.headers['x-api-app-id'], undefined);
    assert.equal(request?.headers['x-api-resource-id'], 'seed-tts-2.0');
    const body = JSON.parse(request?.body ?? '') as { req_params: { audio_params: unknown } };
    assert.deepEqual(body.req_params.audio_params, { format: 'pcm', sample_rate: 24000, enable_subtitle: true });
  });

  it('counts the duration from the samples and reads words as seconds', async () => {
    const pcm = pcmOf(1000);
    const [, words = '', finish = ''] = fixture('speech-v3.ndjson').split('\n');
    const { say } = await speechWith(json(200, audioLine(pcm) + words + '\n' + finish));
    assert.deepEqual(await say(), {
      pcm,
      sampleRate: 24000,
      durationMs: 1000,
      words: [
        { word: '其', startMs: 205, endMs: 315 },
        { word: '他', startMs: 315, endMs: 500 },
        { word: '人。', startMs: 500, endMs: 1000 },
      ],
      billedCharacters: 10,
      model: 'seed-tts-1.0',
    });
  });

  for (const size of [1, 7, 33, 4096]) {
    it(`reads a stream in pieces of ${size} bytes, cut inside lines and characters`, async () => {
      const pcm = pcmOf(20);
      const [, words = '', finish = ''] = fixture('speech-v3.ndjson').split('\n');
      const stream = Buffer.from(
        audioLine(pcm.subarray(0, 333)) + words + '\n' + audioLine(pcm.subarray(333)) + finish,
      );
      const { say } = await speechWith((response) => {
        response.writeHead(200);
        const next = (from: number): void => {
          if (from >= stream.length) return void response.end();
          response.write(stream.subarray(from, from + size), () => setImmediate(next, from + size));
        };
        next(0);
      });
      const spoken = await say();
      assert.ok(spoken.pcm.equals(pcm));
      assert.deepEqual(
        spoken.words.map(({ word }) => word),
        ['其', '他', '人。'],
      );
    });
  }

  it('keeps audio whose timings cannot be read', async () => {
    const odd = line({ code: 0, data: null, sentence: { words: [{ word: 1 }] } });
    const { say } = await speechWith(json(200, audioLine(pcmOf(10)) + odd + FINISH));
    assert.deepEqual((await say()).words, []);
  });

  it('is done at the finish, even if the stream stays open, and lets go of it', { timeout: 10_000 }, async () => {
    let closed: Promise<unknown> | undefined;
    const { say } = await speechWith((response) => {
      closed = once(response, 'close');
      response.writeHead(200).write(audioLine(pcmOf(10)) + FINISH);
    });
    assert.equal((await say()).durationMs, 10);
    await closed;
  });

  it('uses a connection again, also after a refusal', async () => {
    const ports = new Set<number | undefined>();
    let answers: string[] = [];
    const { say } = await speechWith((response, request) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200).write(audioLine(pcmOf(10)) + (answers.shift() ?? ''));
      // The end of the stream comes a little after the last line.
      setTimeout(() => response.end(), 20);
    });
    /** With time in between for that end to come, more on a busy machine. */
    const isOne = async (pauseMs: number): Promise<boolean> => {
      const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
      ports.clear();
      answers = [FINISH, line({ code: 45000292, message: '' }) + FINISH, FINISH];
      await say();
      await pause();
      assert.equal(await kindOf(say()), 'outcome_unknown');
      await pause();
      await say();
      await pause();
      return ports.size === 1;
    };
    for (let pauseMs = 60; !(await isOne(pauseMs)); pauseMs *= 3) assert.ok(pauseMs < 5_000, [...ports].join());
  });

  it('a stream that ends without its finish is outcome_unknown', async () => {
    const { host, say } = await speechWith(json(200, audioLine(pcmOf(10))));
    const { kind, billed, code } = await detailsOf(say());
    assert.deepEqual({ kind, billed, code }, { kind: 'outcome_unknown', billed: 'unknown', code: 'StreamNotFinished' });
    assert.equal(host.requests.length, 1);
  });

  it('a finish without audio is outcome_unknown', async () => {
    const { say } = await speechWith(json(200, FINISH));
    assert.equal((await detailsOf(say())).code, 'NoAudio');
  });

  it('a failure before any audio is judged by the catalogue, and not billed', async () => {
    const refusal = line({ code: 45000000, message: 'quota exceeded for types: concurrency', data: null });
    const { say } = await speechWith(json(200, refusal));
    const { kind, billed, code } = await detailsOf(say());
    assert.deepEqual({ kind, billed, code }, { kind: 'rate_limit', billed: 'no', code: '45000000' });
  });

  it('a server fault after audio is outcome_unknown; a final one stays final, perhaps billed', async () => {
    const fault = (message: string) => line({ code: 55000000, message, data: null });
    const answers = ['server error', 'resource ID is mismatched'].map((message) =>
      json(200, audioLine(pcmOf(10)) + fault(message)),
    );
    const { say } = await speechWith((response, request) => answers.shift()?.(response, request));
    const first = await detailsOf(say());
    assert.deepEqual([first.kind, first.billed], ['outcome_unknown', 'unknown']);
    const second = await detailsOf(say());
    assert.deepEqual([second.kind, second.billed], ['permanent', 'unknown']);
  });

  it('reads both forms of a rejection before the stream', async () => {
    const forms = [{ header: { code: 45000010, message: 'Invalid X-Api-Key' } }, { code: 45000292, message: '' }];
    const answers = forms.map((form) => json(401, form));
    answers.push(json(200, { header: { code: 45000030, message: '' } }));
    const { say } = await speechWith((response, request) => answers.shift()?.(response, request));
    assert.equal(await kindOf(say()), 'provider_auth');
    assert.equal(await kindOf(say()), 'rate_limit');
    assert.equal(await kindOf(say()), 'provider_auth');
  });

  const rows: [name: string, answer: Answer, kind: string][] = [
    ['reset after the request', resetAfterRequest, 'outcome_unknown'],
    ['a cut stream', cut(200, audioLine(pcmOf(5))), 'outcome_unknown'],
    ['half a line', json(200, audioLine(pcmOf(5)) + '{"code":0,"da'), 'outcome_unknown'],
    ['a page', htmlPage(200), 'outcome_unknown'],
    ['500 without their JSON', htmlPage(500), 'outcome_unknown'],
    ['500 with their JSON', json(500, { code: 55000001, message: '' }), 'temporary_failure'],
    ['500 with a code of no catalogue', json(500, { code: 7, message: '' }), 'temporary_failure'],
    ['403 with a code of no catalogue', json(403, { code: 7, message: '' }), 'provider_auth'],
    ['429 without their JSON', htmlPage(429), 'rate_limit'],
    ['200 with a code of no catalogue', json(200, { code: 7, message: '' }), 'permanent'],
  ];
  for (const [name, answer, kind] of rows) {
    it(`${name}: ${kind}, one request`, async () => {
      const { host, say } = await speechWith(answer);
      assert.equal(await kindOf(say()), kind);
      assert.equal(host.requests.length, 1);
    });
  }

  it('silence in the stream is outcome_unknown', async () => {
    const { say } = await speechWith((response) => void response.writeHead(200).write(audioLine(pcmOf(5))), {
      answerTimeoutMs: 150,
    });
    assert.equal(await kindOf(say()), 'outcome_unknown');
  });

  it('a refused connection is network_error', async () => {
    const { say } = await speechWith(silence, { baseUrl: `http://127.0.0.1:${CLOSED_PORT}` });
    const { kind, billed } = await detailsOf(say());
    assert.deepEqual({ kind, billed }, { kind: 'network_error', billed: 'no' });
  });
});

describe('V1', () => {
  const v1 = { api: 'v1' } as const;
  const answerOf = (pcm: Buffer, addition?: unknown) =>
    json(200, {
      ...(JSON.parse(fixture('speech-v1.json')) as object),
      data: pcm.toString('base64'),
      ...(addition === undefined ? {} : { addition }),
    });

  it('asks a 1.0 voice for PCM and timestamps', async () => {
    const { host, say } = await speechWith(answerOf(pcmOf(1960)), v1);
    await say();
    const [request] = host.requests;
    assert.equal(request?.path, '/api/v1/tts');
    assert.equal(request?.headers.authorization, `Bearer;${PAIR.accessToken}`);
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      app: { appid: PAIR.appId, token: PAIR.accessToken, cluster: 'volcano_tts' },
      user: { uid: 'mcp-bridge' },
      audio: { voice_type: VOICE_1, encoding: 'pcm', rate: 24000 },
      request: { reqid: REQUEST_ID, text: TEXT, text_type: 'plain', operation: 'query', with_timestamp: 1 },
    });
  });

  it('reads the recorded answer, its last word clamped to the audio', async () => {
    const pcm = pcmOf(1960);
    const { say } = await speechWith(answerOf(pcm), v1);
    assert.deepEqual(await say(), {
      pcm,
      sampleRate: 24000,
      durationMs: 1960,
      words: [
        { word: '你', startMs: 95, endMs: 265 },
        { word: '觉。', startMs: 265, endMs: 1960 },
      ],
      billedCharacters: null,
      model: 'volcano_tts',
    });
  });

  it('serves a small voice by itself, by its own option, in seconds', async () => {
    const frontend = JSON.stringify({ words: [{ word: '你', start_time: 0.1, end_time: 0.9, unit_type: 'word' }] });
    const { host, say } = await speechWith(answerOf(pcmOf(1000), { duration: '1000', frontend }));
    assert.deepEqual((await say(VOICE_SMALL)).words, [{ word: '你', startMs: 100, endMs: 900 }]);
    const { request } = JSON.parse(host.requests[0]?.body ?? '') as { request: Record<string, unknown> };
    assert.deepEqual(
      [request.with_frontend, request.frontend_type, request.with_timestamp],
      [1, 'unitTson', undefined],
    );
  });

  it('keeps audio whose timings are missing or cannot be read', async () => {
    for (const addition of [null, {}, { frontend: '{' }, { frontend: '{"words":[{}]}' }]) {
      const { say } = await speechWith(answerOf(pcmOf(10), addition), v1);
      assert.deepEqual((await say()).words, []);
    }
  });

  it('reads the code whatever the status', async () => {
    const { say } = await speechWith(json(403, fixture('speech-v1-not-granted.json')), v1);
    const { kind, billed, code, httpStatus } = await detailsOf(say());
    assert.deepEqual([kind, billed, code, httpStatus], ['provider_auth', 'no', '3001', 403]);
    const second = await speechWith(json(200, { code: 3003, message: 'busy' }), v1);
    assert.equal(await kindOf(second.say()), 'rate_limit');
  });

  it('takes a success without audio, a page and a cut answer for unknown', async () => {
    for (const answer of [json(200, fixture('speech-v1.json')), htmlPage(200), cut(200, '{"code":3000,')]) {
      const { host, say } = await speechWith(answer, v1);
      assert.equal(await kindOf(say()), 'outcome_unknown');
      assert.equal(host.requests.length, 1);
    }
  });

  it('sends no text over 1024 bytes, and one of 1024', async () => {
    const { host, say } = await speechWith(answerOf(pcmOf(10)), v1);
    await assert.rejects(say(VOICE_1, '东'.repeat(342)), refusesWith('narration_too_long_for_voice'));
    assert.equal(host.requests.length, 0);
    await say(VOICE_1, '东'.repeat(341) + 'x');
    assert.equal(host.requests.length, 1);
  });

  it('says what it lacks without the old credentials', async () => {
    const { say } = await speechWith(silence, { credentials: { apiKey: 'key-9' } });
    await assert.rejects(say(VOICE_SMALL), refusesWith('speech_credentials_missing'));
  });
});

describe('which API', () => {
  it('refuses a voice that the chosen API does not serve, or that nobody knows', async () => {
    const v1 = await speechWith(silence, { api: 'v1' });
    await assert.rejects(v1.say(VOICE_2), refusesWith('voice_not_served'));
    const v3 = await speechWith(silence, { api: 'v3' });
    await assert.rejects(v3.say(VOICE_SMALL), refusesWith('voice_not_served'));
    await assert.rejects(v3.say('zh_nobody'), refusesWith('unknown_voice'));
    assert.equal(v1.host.requests.length + v3.host.requests.length, 0);
  });
});
