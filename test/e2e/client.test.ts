import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  McpBridgeClient,
  type Video,
  type VideoEvent,
  VideoFailedError,
  VideoStoppedError,
  WaitAbortedError,
} from '../../src/client/index.ts';
import { FinishedVideo } from '../../src/contract/video.ts';
import { faultyLine } from '../client/faulty-line.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';

describe('the client library, against a whole stack', () => {
  let stack: StackUnderTest;
  let client: McpBridgeClient;
  before(async () => {
    stack = await StackUnderTest.start();
    client = new McpBridgeClient({ baseUrl: stack.stack.urls.gateway, patienceMs: 60_000 });
  });
  after(() => stack.stop());

  it('has one film made over a line that loses answers and cuts streams, and every event of it once', async () => {
    let cuts = 0;
    const line = await faultyLine(stack.stack.urls.gateway, ({ method, path }, nth) => {
      if (method === 'POST' && nth === 1) return { lose: 'answer' };
      if (method === 'POST' && nth === 2) return { answer: 503, headers: { 'retry-after': '1' } };
      if (path.endsWith('/events') && cuts++ < 4)
        return { cutAfter: cuts % 2 === 1 ? 'event: branch_started' : 'scene_settled' };
      return method === 'GET' && nth === 2 ? { answer: 502, body: 'a proxy' } : null;
    });
    try {
      const shaky = new McpBridgeClient({ baseUrl: line.url, patienceMs: 60_000 });
      const views: Video[] = [];
      let events: Promise<VideoEvent[]> | undefined;
      const film = await shaky.generateVideo(SMALL, {
        onProgress: (video) => {
          views.push(video);
          events ??= collected(shaky.videoEvents(video.id));
        },
      });
      FinishedVideo.parse(film);
      assert.equal(film.status, 'success', JSON.stringify(film.degradations));
      assert.ok(
        views.some(({ progress }) => progress?.branches.visual != null),
        'scenes were seen on the way',
      );
      assert.deepEqual(views.at(-1), film);

      const told = (await events) ?? [];
      assert.deepEqual(
        told.map(({ id }) => id),
        told.map((_, index) => index + 1),
      );
      assert.deepEqual(told.at(-1), { ...told.at(-1), type: 'ended', status: 'success' });
      assert.ok(
        line.of('GET', /events$/).some(({ headers }) => Number(headers['last-event-id']) > 0),
        'it went on',
      );

      const posts = line.of('POST', /generate-video$/);
      assert.equal(posts.length, 3);
      assert.equal(new Set(posts.map(({ headers }) => headers['idempotency-key'])).size, 1);
      const { videos } = await client.listVideos({ limit: 100 });
      assert.deepEqual(
        videos.map(({ id }) => id),
        [film.id],
        'one order, one film',
      );

      const bytes = await (await shaky.downloadAsset(film.video_url)).arrayBuffer();
      assert.equal(Buffer.from(bytes).toString('latin1', 4, 8), 'ftyp');
      // Whoever asks later has all of it at once.
      assert.deepEqual(await collected(client.videoEvents(film.id, { after: told.length })), []);
      assert.deepEqual((await client.waitForVideo(film.id)).video_url.slice(-64), film.video_url.slice(-64));
    } finally {
      line.stop();
    }
  });

  it('names checkpoints and goes on from them', async () => {
    const [{ id } = { id: '' }] = (await client.listVideos({ status: 'success' })).videos;
    assert.deepEqual(
      (await client.listCheckpoints(id)).map(({ name }) => name),
      ['after_script', 'after_assets', 'after_compose'],
    );
    assert.equal((await client.nameCheckpoint(id, 'mine')).name, 'mine');
    assert.equal((await client.restoreVideo(id, { checkpoint: 'mine' })).id, id);
    assert.equal((await client.waitForVideo(id)).id, id);
    await assert.rejects(client.restoreVideo(id, { checkpoint: 'nowhere' }), {
      code: 'CHECKPOINT_UNKNOWN',
      status: 422,
    });
  });

  it('stops waiting when it is told to: the video goes on, or, when that is wanted, is cancelled', async () => {
    await stack.sandbox.faults([{ route: 'image', fault: { delayMs: 300_000 } }]);
    const aborted = async (cancelOnAbort: boolean): Promise<WaitAbortedError> => {
      const enough = new AbortController();
      const film = client.generateVideo(SMALL, {
        ...{ signal: enough.signal, cancelOnAbort },
        onProgress: ({ stage }) => stage === 'assets' && enough.abort(),
      });
      const error = await film.catch((reason: unknown) => reason);
      assert.ok(error instanceof WaitAbortedError && error.name === 'AbortError', String(error));
      return error;
    };
    const left = await aborted(false);
    assert.match(left.message, /still being made.*cancelVideo.*cancelOnAbort/);
    assert.ok(
      left.videoId !== null && !['cancelling', 'cancelled'].includes((await client.getVideo(left.videoId)).status),
    );
    const cancelled = await aborted(true);
    assert.ok(cancelled.videoId !== null);
    await assert.rejects(client.waitForVideo(cancelled.videoId), (error) => {
      assert.ok(error instanceof VideoStoppedError && error.code === 'VIDEO_CANCELLED', String(error));
      return true;
    });
    await client.cancelVideo(left.videoId);
    await stack.sandbox.release();
  });

  it('rejects with the video’s own error when it could not be made', async () => {
    await stack.sandbox.faults([{ route: 'image', fault: { code: 'OutputImageSensitiveContentDetected' } }]);
    await assert.rejects(client.generateVideo(SMALL), (error) => {
      assert.ok(error instanceof VideoFailedError, String(error));
      assert.equal(error.code, error.video.error.code);
      return true;
    });
  });
});

async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}
