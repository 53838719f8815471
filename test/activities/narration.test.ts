import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { NarrationAsset } from '../../src/domain/outcome.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { DEFAULT_VOICE } from '../../src/domain/voice.ts';
import { WordTiming } from '../../src/domain/word-timing.ts';
import type { AssetStore } from '../../src/store/asset-store.ts';
import { StoreUnavailableError } from '../../src/store/store-unavailable.ts';
import { KEPT_MEDIA, useSandbox, VOICE_2 } from '../sandbox/harness.ts';
import { newVideoId, TENANT, useWorkshop, type Workshop } from './workshop.ts';

describe('synthesizeNarration', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox);
  /** With the old console's credentials, which the older voices need. */
  const olderWorkshop = useWorkshop(sandbox, {
    SPEECH_API_KEY: '',
    SPEECH_APP_ID: 'an-app',
    SPEECH_ACCESS_TOKEN: 'a-token',
  });

  beforeEach(() => sandbox.clear());

  const TEXT = '清晨的山谷，阳光正好。';
  const LETTERS = '清晨的山谷阳光正好';

  const inputOf = (
    change: { sceneId?: string; text?: string; voice?: string; videoId?: string; take?: number } = {},
  ) => ({
    videoId: newVideoId(),
    tenant: TENANT,
    sceneId: 's1',
    text: TEXT,
    voice: DEFAULT_VOICE,
    maxCost: null,
    ...change,
  });
  type Input = Parameters<typeof workshop.activities.synthesizeNarration>[0];

  const speak = (input: Input) => workshop.run(workshop.activities.synthesizeNarration, input);
  const failure = (input: Input) => workshop.failure(workshop.activities.synthesizeNarration, input);
  const states = async ({ videoId }: Input) => (await workshop.account(videoId)).lines.map(({ state }) => state);

  async function readWords({ words }: NarrationAsset, room: Workshop): Promise<WordTiming[]> {
    return WordTiming.array().parse(JSON.parse((await room.deps.assets.read(words)).toString('utf8')));
  }

  /** The fields of a RIFF header, as any player reads them. */
  function readWav(bytes: Buffer) {
    return {
      riff: bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 16) + bytes.toString('latin1', 36, 40),
      riffBytes: bytes.readUInt32LE(4),
      format: bytes.readUInt16LE(20),
      channels: bytes.readUInt16LE(22),
      sampleRate: bytes.readUInt32LE(24),
      bytesPerSecond: bytes.readUInt32LE(28),
      bitsPerSample: bytes.readUInt16LE(34),
      dataBytes: bytes.readUInt32LE(40),
      samples: bytes.subarray(44),
    };
  }

  it('waits for an asset store that is away, instead of losing what was paid for', async () => {
    const input = inputOf();
    const { assets } = workshop.deps;
    let failures = 0;
    workshop.deps.assets = Object.assign(Object.create(assets) as AssetStore, {
      find: (sha256: string) => assets.find(sha256),
      read: (ref: AssetRef) => assets.read(ref),
      put: (content: Buffer, mediaType: string) =>
        (failures += 1) <= 3
          ? Promise.reject(new StoreUnavailableError('The asset store cannot store an asset.'))
          : assets.put(content, mediaType),
    });
    try {
      const narration = await speak(input);
      assert.equal((await assets.find(narration.audio.sha256))?.sizeBytes, narration.audio.sizeBytes);
    } finally {
      workshop.deps.assets = assets;
    }
    assert.ok(failures > 3);
    assert.deepEqual(await states(input), ['bought']);
    assert.equal((await workshop.billed('speech')).length, 1);
  });

  for (const [voice, room] of [
    [DEFAULT_VOICE, workshop],
    [VOICE_2, workshop],
    ['BV001_streaming', olderWorkshop],
  ] as const) {
    it(`gives a true WAV and word timings with ${voice}, for one call`, async () => {
      const input = inputOf({ voice });
      const narration = await room.run(room.activities.synthesizeNarration, input);
      assert.equal(narration.audio.mediaType, 'audio/wav');
      const bytes = await room.deps.assets.read(narration.audio);
      const { samples, ...wav } = readWav(bytes);
      assert.deepEqual(wav, {
        riff: 'RIFFWAVEfmt data',
        riffBytes: bytes.length - 8,
        format: 1,
        channels: 1,
        sampleRate: 24_000,
        bytesPerSecond: 48_000,
        bitsPerSample: 16,
        dataBytes: bytes.length - 44,
      });
      assert.ok(Math.abs(narration.durationMs - samples.length / 48) <= 1, `${narration.durationMs} ms`);
      assert.ok(narration.durationMs > 500);
      const loudest = Math.max(...Array.from({ length: samples.length / 2 }, (_, n) => samples.readInt16LE(n * 2)));
      assert.ok(loudest > 1_000, `the loudest sample is ${loudest}`);

      const words = await readWords(narration, room);
      assert.equal(
        words
          .map(({ word }) => word)
          .join('')
          .replace(/\P{L}/gu, ''),
        LETTERS,
      );
      let last = 0;
      for (const { startMs, endMs } of words) {
        assert.ok(startMs >= last && endMs >= startMs && endMs <= narration.durationMs, JSON.stringify(words));
        last = endMs;
      }
      assert.equal((await workshop.billed('speech')).length, 1);
    });
  }

  it('is in the account with the characters that the service counted', async () => {
    const input = inputOf();
    await speak(input);
    const [call] = await workshop.billed('speech');
    const { lines } = await workshop.account(input.videoId);
    assert.deepEqual(
      lines.map(({ sceneId, purpose, units, basis, model, state }) => ({
        sceneId,
        purpose,
        units,
        basis,
        model,
        state,
      })),
      [
        {
          sceneId: 's1',
          purpose: 'narration',
          units: { characters: call!.units },
          basis: 'reported',
          model: 'seed-tts-1.0',
          state: 'bought',
        },
      ],
    );
    assert.equal(lines[0]?.price, (call!.units * 5) / 10_000);
  });

  it('is bought once, however often the activity is repeated', async () => {
    const input = inputOf();
    const first = await speak(input);
    assert.deepEqual(await speak(input), first);
    assert.equal((await workshop.billed('speech')).length, 1);
  });

  it('is bought for each scene, also when two say the same', async () => {
    const first = inputOf();
    await Promise.all([speak(first), speak({ ...first, sceneId: 's2' })]);
    assert.equal((await workshop.billed('speech')).length, 2);
    assert.deepEqual(await states(first), ['bought', 'bought']);
  });

  it('is bought once more as a second take, and no third', async () => {
    const input = inputOf();
    const first = await speak(input);
    const second = { ...input, take: 2, text: '清晨的山谷。' };
    const retake = await speak(second);
    assert.ok(retake.durationMs < first.durationMs);
    assert.deepEqual(await speak(second), retake);
    assert.deepEqual(await speak({ ...input, take: 1 }), first);
    const { lines } = await workshop.account(input.videoId);
    assert.deepEqual(
      lines.map(({ purpose }) => purpose),
      ['narration', 'narration_retake'],
    );
    const { type, nonRetryable } = await failure({ ...input, take: 3 });
    assert.deepEqual([type, nonRetryable], ['too_many_takes', true]);
    assert.equal((await workshop.billed('speech')).length, 2);
  });

  it('fails for good, unsent, with a voice that nobody knows', async () => {
    const input = inputOf({ voice: 'zh_nobody' });
    const { type, nonRetryable, message } = await failure(input);
    assert.deepEqual([type, nonRetryable], ['unknown_voice', true]);
    assert.match(message, /zh_nobody/);
    assert.deepEqual(await states(input), []);
    assert.equal((await sandbox.ledger()).arrived.length, 0);
  });

  for (const [what, fault] of [
    ['the connection broke after the bill', { noAnswer: 'after' }],
    ['the audio was cut off', { cutAfterBytes: 3_000 }],
  ] as const) {
    it(`is bought a second time, and no third, when ${what}`, async () => {
      await sandbox.faults([{ route: 'speech', nth: [1, 3, 4], fault }]);
      const lucky = inputOf();
      const { type, nonRetryable } = await failure(lucky);
      assert.deepEqual([type, nonRetryable], ['outcome_unknown', false]);
      assert.deepEqual(await states(lucky), ['unknown']);
      await speak(lucky);
      assert.deepEqual(await states(lucky), ['unknown', 'bought']);
      assert.equal((await workshop.billed('speech')).length, 2);

      const unlucky = inputOf();
      assert.equal((await failure(unlucky)).type, 'outcome_unknown');
      assert.equal((await failure(unlucky)).type, 'outcome_unknown');
      const last = await failure(unlucky);
      assert.deepEqual([last.type, last.nonRetryable], ['outcome_unknown', true]);
      assert.deepEqual(await states(unlucky), ['unknown', 'unknown']);
      assert.equal((await workshop.billed('speech')).length, 4);
    });
  }

  it('costs nothing while the service is busy', async () => {
    await sandbox.faults([{ route: 'speech', nth: 1, fault: { status: 429, headers: { 'Retry-After': '3' } } }]);
    const input = inputOf();
    const { type, nonRetryable, nextRetryDelay } = await failure(input);
    assert.deepEqual([type, nonRetryable, nextRetryDelay], ['rate_limit', false, 3_000]);
    assert.deepEqual(await states(input), []);
    await speak(input);
    assert.equal((await workshop.billed('speech')).length, 1);
  });
});
