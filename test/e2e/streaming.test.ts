import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { killWorker } from './kill-worker.ts';
import { restoring } from './restoring.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** What a call may take, nearly: the tests say when the picture comes. */
const LATE_MS = 50_000;

describe('a film whose last picture is late', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  /** Encoded pieces in the store: name → inode, the same only for the same file. */
  function pieces(): Map<string, number> {
    const entries = readdirSync(path.join(under.dataDir, 'segments'), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new Map(files.map(({ parentPath, name }) => [name, statSync(path.join(parentPath, name)).ino]));
  }
  const piecesOrNone = (): Map<string, number> => {
    try {
      return pieces();
    } catch {
      return new Map();
    }
  };
  /** Encoded anew, although it was there. */
  const assertNoneTwice = (): void => {
    const keys = [...pieces().keys()].map((name) => name.split('.')[0]);
    assert.equal(new Set(keys).size, keys.length);
  };

  async function lateFilm(wish: Record<string, unknown>): Promise<{ id: string; scenes: string[] }> {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: LATE_MS } }]);
    const id = await under.order(wish);
    const { progress } = await under.untilVideo(id, 'waits for one picture', (video) => {
      const visual = video.progress?.branches.visual;
      return visual != null && visual.settled === visual.total - 1;
    });
    const scenes = progress?.branches.visual?.scenes ?? [];
    const late = scenes.findIndex(({ state }) => state === 'pending');
    assert.ok(late >= 0);
    return { id, scenes: scenes.map(({ scene_id: sceneId }) => sceneId) };
  }

  it('is encoded while it waits, and then only what shows that picture', async () => {
    const before = piecesOrNone();
    const { id, scenes } = await lateFilm({ duration: 15 });
    const total = 2 * scenes.length - 1;
    // The body of the scene, and transitions on its one side or its two.
    await until('all but the late scene is encoded', () => {
      const made = piecesOrNone().size - before.size;
      return made >= 1 + total - 3 && under.ffmpegs('work').length === 0;
    });
    const waiting = await under.video(id);
    assert.equal(waiting.stage, 'assets');
    const ahead = pieces();

    await under.sandbox.release();
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertPlayable(under, video, { seconds: 15, width: 360, height: 640 });
    assert.deepEqual(video.quality.below_threshold, []);
    const all = pieces();
    for (const [name, inode] of ahead) assert.equal(all.get(name), inode, 'it was encoded again');
    assert.equal(all.size - before.size, 1 + total, 'the sound, each body and each transition, once');
    assert.ok(all.size - ahead.size >= 2 && all.size - ahead.size <= 3, `${all.size - ahead.size} at the end`);
    assertNoneTwice();
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');

    await restoring(under).restored(id, 'after_assets');
    const again = await under.finished(id);
    await assertPlayable(under, again, { seconds: 15, width: 360, height: 640 });
    assert.deepEqual(pieces(), all, 'a film that goes on from its assets is joined, not encoded');
  });

  it('loses nothing with a worker that is killed while it encodes: nothing is bought twice, pieces are taken up', async () => {
    const before = piecesOrNone();
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: LATE_MS } }]);
    // A large one, looked at from the first: small ones are encoded sooner than one looks.
    const id = await under.order({ duration: 15, resolution: '1080p' });
    await until('a piece is done, and others are being made', () => {
      return piecesOrNone().size > before.size && under.ffmpegs('work').length > 0;
    });
    assert.equal((await under.video(id)).stage, 'assets');
    const done = pieces();
    const lost = await killWorker(under, id);
    await under.sandbox.release();
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    const all = pieces();
    for (const [name, inode] of done) assert.equal(all.get(name), inode, 'it was encoded again');
    assertNoneTwice();
    await assertPlayable(under, video, { seconds: 15, width: 1080, height: 1920 });
    await assertHonestAccount(under, video.cost, { lost });
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('cancelled while it is encoded ahead, leaves no ffmpeg', async () => {
    // Another film: of one like those before, all pieces would be there.
    const { id } = await lateFilm({ video_theme: '山谷里的一天', duration: 15, resolution: '720p' });
    await until('ffmpeg works', () => under.ffmpegs('work').length > 0);
    const { stage, progress } = await under.video(id);
    assert.equal(stage, 'assets');
    assert.ok((progress?.render?.total_frames ?? 450) === 450, 'who watches is told how far it is');
    const { status } = await under.request('DELETE', `/api/v1/videos/${id}`);
    assert.equal(status, 202);
    assert.equal((await under.ended(id)).status, 'cancelled');
    await assertAtRest(under, id, 'CANCELLED');
  });
});
