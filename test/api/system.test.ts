import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import type { WireStyle, WireVoice } from '../../src/contract/catalogue.ts';
import type { WindowStats } from '../../src/contract/stats.ts';
import { STYLES } from '../../src/domain/style.ts';
import { VOICES } from '../../src/domain/voice.ts';
import { tellEnded } from '../../src/read-model/tell.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { endingOf, newVideo } from '../read-model/model.ts';
import { partialResult } from './fixtures/results.ts';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();
const SECRETS = ['key-of-ark', 'key-of-speech', 'word-of-redis', 'key-of-bucket', 'secret-of-bucket', 'a-secret'];

describe('what may be chosen, how it is set up, and what has become of it', () => {
  let database: TestDatabase;
  let gateway: TestGateway;

  before(
    async () => {
      database = await startEmbedded();
      gateway = await startTestGateway(noTemporal(), database.environment, { clock: () => NOW });
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await gateway.stop();
    await database.stop();
  });

  const get = async (path: string) => (await gateway.request('GET', path)).json.data;

  it('lists every voice, or those that speak a language, the one that would be taken first', async () => {
    const all = (await get('/api/v1/voices')).voices as WireVoice[];
    assert.deepEqual(all.map(({ id }) => id).sort(), VOICES.map(({ id }) => id).sort());
    const english = (await get('/api/v1/voices?language=en-GB')).voices as WireVoice[];
    assert.ok(english.length > 5 && english.every(({ languages }) => languages.includes('en')));
    assert.deepEqual(english[0]?.default_for, ['en']);
    assert.deepEqual((await get('/api/v1/voices?language=tlh')).voices, []);
    const wrong = await gateway.request('GET', '/api/v1/voices?language=%00');
    assert.deepEqual([wrong.status, wrong.json.error.details[0].field], [400, 'language']);
  });

  it('lets hear and see what was bought here before, and nothing else', async () => {
    const heard = await gateway.store.put(Buffer.from('RIFF of a voice'), 'audio/wav');
    const seen = await gateway.store.put(Buffer.from('a picture'), 'image/png');
    const [voice, style] = [VOICES[3]!, STYLES[2]!];
    const answer = JSON.stringify({ audio: heard, durationMs: 1000, words: heard, voice: voice.id });
    const lost = JSON.stringify({ audio: { ...heard, sha256: 'f'.repeat(64) }, voice: VOICES[4]!.id });
    await database.database.run(async (query) => {
      for (const [n, each] of [answer, lost].entries())
        await query.execute(sql`
          insert into purchases (tenant, video_id, scene_id, purpose, attempt, seed, provider, model, state, units, price,
            basis, opened_at, settled_at, answer)
          values ('local', 'v1', ${`s${n}`}, 'narration', 1, 1, 'speech', 'seed-tts', 'answered', '{}', 1, 'reported',
            now(), now(), ${each}::json)`);
      await query.execute(sql`
        insert into stills (tenant, video_id, scene_id, style, aspect_ratio, reference_image, width, height, words, sha256,
          media_type, size_bytes, model)
        values ('local', 'v1', 's1', ${style.visualStyle}, '9:16', '', 100, 200, '{}', ${seen.sha256}, 'image/png', 9, 'm')`);
    });
    const voices = (await get('/api/v1/voices')).voices as WireVoice[];
    assert.deepEqual(
      voices.filter(({ sample_url: url }) => url !== null).map(({ id, sample_url: url }) => [id, url]),
      [[voice.id, `${gateway.url}/api/v1/assets/${heard.sha256}`]],
      'what is not stored any more is no sample',
    );
    const styles = (await get('/api/v1/styles')).styles as WireStyle[];
    assert.deepEqual(
      styles.map(({ visual_style: style }) => style),
      STYLES.map(({ visualStyle }) => visualStyle),
    );
    const sampled = styles.filter(({ sample_url: url }) => url !== null);
    assert.deepEqual(
      sampled.map(({ id }) => id),
      [style.id],
    );
    assert.equal((await fetch(sampled[0]!.sample_url!)).status, 200);
  });

  it('shows its configuration and no secret of it', async () => {
    const telling = await startTestGateway(noTemporal(), {
      ...{ ARK_API_KEY: 'key-of-ark', SPEECH_API_KEY: 'key-of-speech', MCP_BRIDGE_SECRET: 'a-secret' },
      ...{ S3_BUCKET: 'b', S3_ACCESS_KEY_ID: 'key-of-bucket', S3_SECRET_ACCESS_KEY: 'secret-of-bucket' },
      ...{ REDIS_URL: 'redis://:word-of-redis@127.0.0.1:1', S3_ENDPOINT: 'http://127.0.0.1:1' },
    });
    const { text, json } = await telling.request('GET', '/api/v1/config');
    await telling.stop();
    for (const secret of SECRETS) assert.ok(!text.includes(secret), secret);
    assert.doesNotMatch(text, /127\.0\.0\.1|redis:/);
    assert.deepEqual(json.data.stores, { database: 'embedded', assets: 'object_store', redis: true });
    assert.equal(json.data.policy.parallel_processing.audio_branch.max_concurrent_tasks, 3);
    assert.match(json.data.version, /^\d+\.\d+\.\d+/);
  });

  it('counts over windows that slide: what was asked for, how it ended, how long it took, what it cost', async () => {
    const ended = async (status: 'success' | 'failed', seconds: number, took: number, cost: number) => {
      const began = ago(seconds + took);
      const video = newVideo({ createdAt: began, runStartedAt: began, assetType: 'text_to_video' });
      const account = { currency: 'CNY' as const, total: cost, lines: [] };
      const result = status === 'success' ? { ...partialResult, status, cost: account } : null;
      const report = { status, result, finishedAt: ago(seconds), cost: result === null ? account : null };
      await tellEnded(gateway.model, video, endingOf(report));
    };
    for (const took of [10, 20, 30, 40]) await ended('success', 60, took, 1.5);
    await ended('failed', 1_000, 5, 0.5);
    await ended('success', 7_200, 100, 9);
    const stats = await get('/api/v1/stats');
    const of = (window: string) => stats.windows.find((each: WindowStats) => each.window === window) as WindowStats;
    assert.deepEqual(stats.under_way, { queued: 0, running: 0, cancelling: 0 });
    const fresh = of('5m').all;
    assert.deepEqual([fresh.requested, fresh.ended.success, fresh.ended.failed, fresh.success_rate], [4, 4, 0, 1]);
    assert.deepEqual(fresh.seconds, { mean: 25, p95: 38.5, max: 40 });
    assert.deepEqual(fresh.cost, { currency: 'CNY', total: 6, mean: 1.5 });
    assert.deepEqual([of('1h').all.success_rate, of('1h').all.cost.total], [0.8, 6.5]);
    assert.deepEqual([of('24h').all.ended.success, of('24h').all.seconds?.max], [5, 100]);
    assert.equal(of('24h').by_asset_type.text_to_video.requested, 6);
    assert.deepEqual(of('24h').by_asset_type.text_to_image, {
      ...{ requested: 0, success_rate: null, seconds: null, cost: { currency: 'CNY', total: 0, mean: 0 } },
      ended: { success: 0, partial: 0, failed: 0, cancelled: 0, terminated: 0 },
    });
    const one = await get('/api/v1/stats?window=1h');
    assert.deepEqual(
      one.windows.map(({ window }: WindowStats) => window),
      ['1h'],
    );
    const wrong = await gateway.request('GET', '/api/v1/stats?window=2h');
    assert.deepEqual([wrong.status, wrong.json.error.details[0].field], [400, 'window']);
  });

  it('says that it cannot count, or cannot see workers, when whoever knows is away', async () => {
    for (const path of ['/api/v1/queues', '/api/v1/workers']) {
      const answer = await gateway.request('GET', path);
      assert.deepEqual([answer.status, answer.json.error.code], [503, 'TEMPORAL_UNAVAILABLE']);
    }
    database.freeze();
    const stats = await gateway.request('GET', '/api/v1/stats');
    const voices = await gateway.request('GET', '/api/v1/voices');
    database.thaw();
    assert.deepEqual([stats.status, stats.json.error.code], [503, 'DATABASE_UNAVAILABLE']);
    assert.equal(voices.status, 200);
  });
});
