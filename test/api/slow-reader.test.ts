import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { tellReport } from '../../src/read-model/tell.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';
import { newVideo, reportOf, STORY } from '../read-model/model.ts';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';

/** Together more than the sockets’ own buffers take. */
const FLOOD = { events: 1_600, bytesEach: 10_000 };
const LAST = STORY.length + FLOOD.events;

describe('a stream of events', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  const video = newVideo();

  before(
    async () => {
      database = await startEmbedded();
      gateway = await startTestGateway(noTemporal(), database.environment);
      await tellReport(gateway.model, video, reportOf(video, STORY.length));
      const why = 'x'.repeat(FLOOD.bytesEach);
      const data = JSON.stringify({ type: 'scene_settled', branch: 'visual', sceneId: 's2', state: 'failed', why });
      // Megabytes: more than a busy machine stores within the time that a request's statement may take.
      await database.database.session(async ({ query }) => {
        await query(
          `insert into events (video_id, id, seq, key, type, data)
           select $1, n, n, 'flood-' || n, 'scene_settled', $2::jsonb from generate_series($3::int, $4::int) n`,
          [video.id, data, STORY.length + 1, LAST],
        );
        await query('update event_cursor set value = $1', [LAST]);
      });
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await gateway.stop();
    await database.stop();
  });

  const ids = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

  /** Looked for at the end, where it comes: the text is long. */
  const hasLast = (text: string): boolean => text.slice(-2 * FLOOD.bytesEach).includes(`id: ${LAST}\n`);

  /** Reads from after `from` until the last event has come, or the stream has ended. */
  async function read(from: number): Promise<number[]> {
    const leave = new AbortController();
    const at = `${gateway.url}/api/v1/videos/${video.id}/events`;
    const { body } = await fetch(at, { headers: { 'last-event-id': `${from}` }, signal: leave.signal });
    let text = '';
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (hasLast(text)) break;
    }
    leave.abort();
    return ids(text);
  }

  it('holds little for a reader that does not read, keeps nobody else waiting, and loses nothing of it', async () => {
    const { hostname, port } = new URL(gateway.url);
    const idle = connect(Number(port), hostname);
    let text = '';
    idle.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    idle.pause();
    idle.write(`GET /api/v1/videos/${video.id}/events HTTP/1.1\r\nHost: x\r\n\r\n`);

    const wanted = Array.from({ length: LAST }, (_, n) => n + 1);
    assert.deepEqual(await read(0), wanted);
    const rest = LAST - 3;
    assert.deepEqual(await read(rest), wanted.slice(rest));

    idle.resume();
    await until('it has read', () => hasLast(text));
    idle.destroy();
    assert.deepEqual(ids(text), wanted);
  });
});
