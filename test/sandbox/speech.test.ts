import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';

import { useSandbox, VOICE, VOICE_2 } from './harness.ts';

interface V1Answer {
  reqid: string;
  code: number;
  message: string;
  data: string;
  addition: { duration: string; frontend?: string };
}

interface Frame {
  code: number;
  message: string;
  data: string | null;
  sentence?: { text: string; words: { word: string; startTime: number; endTime: number }[] };
  usage?: { text_words: number };
}

const TEXT = '你好，欢迎了解我们的新款智能手表。它售价1,999元，2026年上市！';
const TEXTS = [
  TEXT,
  '记住智能手表，把这份心动分享给身边的人。',
  '这一款iPhone和5G手机，提升了30%的效率；真好用。',
  'Meet our new smart watch. It follows your heart all day, every day!',
];

const BYTES_PER_MS = 48;

describe('Doubao speech', () => {
  const sandbox = useSandbox();

  const v1 = async (
    change: { app?: object; audio?: object; request?: object } = {},
    authorization = 'Bearer;a-token',
  ) => {
    const response = await sandbox.post(
      '/api/v1/tts',
      {
        app: { appid: '1', token: 't', cluster: 'volcano_tts', ...change.app },
        user: { uid: 'u' },
        audio: { voice_type: VOICE, ...change.audio },
        request: { reqid: randomUUID(), text: TEXT, operation: 'query', with_timestamp: 1, ...change.request },
      },
      { authorization },
    );
    return {
      status: response.status,
      logId: response.headers.get('x-tt-logid'),
      ...((await response.json()) as V1Answer),
    };
  };

  const v3 = async (params: object = {}, headers: Record<string, string> = {}, path = '') => {
    const response = await sandbox.post(
      `/api/v3/tts/unidirectional${path}`,
      {
        req_params: { text: TEXT, speaker: VOICE, audio_params: { format: 'pcm', enable_timestamp: true }, ...params },
      },
      { 'x-api-key': 'k', 'x-api-resource-id': 'seed-tts-1.0', ...headers },
    );
    return { status: response.status, text: await response.text() };
  };
  const frames = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Frame);
  const audioOf = (all: readonly Frame[]) => Buffer.concat(all.map((frame) => Buffer.from(frame.data ?? '', 'base64')));
  const wordsOf = (all: readonly Frame[]) => all.flatMap((frame) => frame.sentence?.words ?? []);

  for (const text of TEXTS) {
    it(`times every word within the sound: ${text.slice(0, 16)}`, async () => {
      const answer = await v1({ request: { text } });
      assert.equal(answer.code, 3000);
      const durationMs = Buffer.from(answer.data, 'base64').length / BYTES_PER_MS;
      assert.ok(Math.abs(durationMs - Number(answer.addition.duration)) < 3);
      const { words } = JSON.parse(answer.addition.frontend ?? '') as {
        words: { word: string; start_time: number; end_time: number }[];
      };
      let last = 0;
      for (const { word, start_time, end_time } of words) {
        assert.ok(start_time >= last && end_time > start_time, `${word} ${start_time}-${end_time} after ${last}`);
        last = end_time;
      }
      assert.ok(last <= durationMs + 1 && last > durationMs - 500, `${last} of ${durationMs}`);
      const perSecond = text.match(/\p{Script=Han}/gu)?.length ?? 0;
      if (text === TEXTS[1]) assert.ok(perSecond / (durationMs / 1000) > 3.8 && perSecond / (durationMs / 1000) < 4.9);
    });
  }

  it('normalises loudness to about −18 dBFS without clipping', async () => {
    const pcm = Buffer.from((await v1()).data, 'base64');
    const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / samples.length);
    assert.ok(Math.abs(20 * Math.log10(rms) + 18) < 1);
    assert.ok(samples.every((sample) => Math.abs(sample) < 32_767));
  });

  it('says numbers as words on 1.0, keeps the text on 2.0, and V1 and V3 agree', async () => {
    const one = await v1();
    const all = frames((await v3()).text);
    assert.ok(Buffer.from(one.data, 'base64').equals(audioOf(all)));
    const v1Words = (JSON.parse(one.addition.frontend ?? '') as { words: { word: string; start_time: number }[] })
      .words;
    assert.deepEqual(
      v1Words.map(({ word, start_time }) => [word, start_time]),
      wordsOf(all).map(({ word, startTime }) => [word, Math.round(startTime * 1000)]),
    );
    assert.ok(
      v1Words
        .map(({ word }) => word)
        .join('')
        .includes('一千九百九十九元，二零二六年'),
    );
    const two = frames(
      (
        await v3(
          { speaker: VOICE_2, audio_params: { format: 'pcm', enable_subtitle: true } },
          { 'x-api-resource-id': 'seed-tts-2.0' },
        )
      ).text,
    );
    const words = wordsOf(two).map(({ word }) => word);
    assert.ok(words.includes('1,999') && words.includes('2026'));
    assert.deepEqual([...new Set(two.map((frame) => frame.sentence?.text).filter(Boolean))].join(''), TEXT);
  });

  it('ends V3 with 20000000, with usage only when asked, as lines or as events', async () => {
    const plain = frames((await v3()).text).at(-1);
    assert.deepEqual([plain?.code, plain?.usage], [20_000_000, undefined]);
    const counted = frames((await v3({}, { 'x-control-require-usage-tokens-return': 'text_words' })).text).at(-1);
    assert.equal(counted?.usage?.text_words, [...TEXT].length);
    const events = (await v3({}, {}, '/sse')).text;
    assert.match(events, /^event: 352\ndata: /);
    assert.match(events, /event: 351\ndata: /);
    assert.match(events, /event: 152\ndata: \{"code":20000000/);
  });

  it('honours speed, sample rate and wav', async () => {
    const [normal, fast] = [await v1(), await v1({ audio: { speed_ratio: 1.5 } })];
    const ratio = Number(normal.addition.duration) / Number(fast.addition.duration);
    assert.ok(ratio > 1.3 && ratio < 1.7, String(ratio));
    const slow = audioOf(frames((await v3({ audio_params: { format: 'pcm', speech_rate: -30 } })).text));
    assert.ok(slow.length > Buffer.from(normal.data, 'base64').length * 1.2);
    const wav = Buffer.from((await v1({ audio: { encoding: 'wav', rate: 16_000 } })).data, 'base64');
    assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
    assert.equal(wav.readUInt32LE(24), 16_000);
    assert.equal(wav.readUInt32LE(40), wav.length - 44);
    const wide = audioOf(frames((await v3({ audio_params: { format: 'pcm', sample_rate: 48_000 } })).text));
    assert.ok(Math.abs(wide.length - Buffer.from(normal.data, 'base64').length * 2) <= 4);
  });

  for (const [name, change, code, status] of [
    ['a text over 1024 bytes', { request: { text: '长'.repeat(342) } }, 3010, 200],
    ['only punctuation', { request: { text: '，。！？' } }, 3011, 200],
    ['Chinese for an English voice', { audio: { voice_type: 'en_male_adam_mars_bigtts' } }, 3011, 200],
    ['an unknown voice', { audio: { voice_type: 'zh_male_nobody' } }, 3050, 200],
    ['a 2.0 voice', { audio: { voice_type: VOICE_2 } }, 3001, 403],
    ['another cluster', { app: { cluster: 'volcano_icl' } }, 3031, 200],
    ['submit over HTTP', { request: { operation: 'submit' } }, 3001, 200],
    ['no appid', { app: { appid: '' } }, 3001, 200],
    ['mp3 without ffmpeg', { audio: { encoding: 'mp3' } }, 3031, 200],
  ] as const) {
    it(`V1 refuses ${name}`, async () => {
      const answer = await v1(change);
      assert.deepEqual([answer.code, answer.status], [code, status]);
      assert.ok(answer.logId && answer.message);
    });
  }

  it('V1 wants its semicolon, and each reqid once', async () => {
    assert.match((await v1({}, 'Bearer a-token')).message, /load grant: requested grant not found/);
    const request = { reqid: 'once' };
    assert.equal((await v1({ request })).code, 3000);
    assert.equal((await v1({ request })).code, 3006);
  });

  it('V3 refuses in its two forms', async () => {
    const mismatch = frames((await v3({ speaker: VOICE_2 })).text)[0];
    assert.equal(mismatch?.code, 55_000_000);
    assert.match(mismatch?.message ?? '', /resource ID is mismatched/);
    assert.equal(frames((await v3({ speaker: 'nobody' })).text)[0]?.code, 45_000_000);
    assert.equal(frames((await v3({ text: 'x'.repeat(5_001) })).text)[0]?.code, 40_402_003);
    const badKey = await v3({}, { 'x-api-key': 'invalid-key' });
    assert.deepEqual([badKey.status, (JSON.parse(badKey.text) as { header: Frame }).header.code], [401, 45_000_010]);
    const noResource = await v3({}, { 'x-api-resource-id': 'seed-tts-9' });
    assert.deepEqual(
      [noResource.status, (JSON.parse(noResource.text) as { header: Frame }).header.code],
      [403, 45_000_030],
    );
    const pair = await v3({}, { 'x-api-key': '', 'x-api-app-id': '1', 'x-api-access-key': 't' });
    assert.equal(frames(pair.text).at(-1)?.code, 20_000_000);
  });
});
