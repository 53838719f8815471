import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmallDisk } from '../chaos/small-disk.ts';
import { assertAtRest } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** Its own files leave room for a few films. */
const DISK_MIB = 400;
const ORDERS = 3;
/** Attempts that find no room come and go meanwhile. */
const STILL_FULL_MS = 6_000;

const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-disk-'));
const disk = SmallDisk.under(folder, DISK_MIB);
after(() => {
  disk.unmount();
  rmSync(folder, { recursive: true, force: true });
});

describe('the disk under everything is full', { skip: disk.impossible ?? false }, () => {
  let under: StackUnderTest;
  before(async () => {
    under = await StackUnderTest.start({ DATA_DIR: path.join(folder, 'data') });
  });
  after(() => under.stop());

  const order = (key: string) =>
    under.request('POST', '/api/v1/generate-video', {
      body: { video_theme: '山谷里的清晨', duration: 5, resolution: '360p' },
      headers: { 'idempotency-key': key },
    });

  it('nothing is bought, nothing that was bought is lost, and all goes on when there is room', async () => {
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 60_000 } }]);
    const id = await under.order();
    const { progress } = await under.untilVideo(id, 'its narration is there', (video) => {
      const audio = video.progress?.branches.audio;
      return audio != null && audio.settled === audio.total;
    });
    const scenes = progress?.branches.visual?.total;
    await until('its pictures are in flight', async () => (await under.sandbox.arrived('image')).length === scenes);
    disk.fill();
    // The servers have some room of their own: an order may still be taken, or is refused so that one can act on it.
    const asked = new Map<string, string>();
    for (let n = 0; n < ORDERS; n++) {
      const answer = await order(`key-${n}`);
      if (answer.status === 503) assert.ok(Number(answer.headers.get('retry-after')) > 0);
      else asked.set(`key-${n}`, await idOf(answer));
    }
    // What is paid comes now, and there is no room for it.
    await under.sandbox.faults([]);
    await under.sandbox.release();
    await until('the pictures are billed', async () => (await under.sandbox.billed('image')).length === scenes);
    await sleep(STILL_FULL_MS);
    const { lines } = await under.sandbox.ledger();
    assert.equal(lines.filter(({ kind }) => kind === 'chat').length, 1, 'no script for those that were taken');
    disk.free();

    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.ok(video.cost.lines.every(({ attempt, state }) => attempt === 1 && state === 'bought'));
    for (const [key, known] of asked) assert.equal(await idOf(await order(key)), known);
    const [last = '', ...others] = [...asked.values()].reverse();
    await Promise.all(others.map((other) => under.request('DELETE', `/api/v1/videos/${other}`)));
    if (last !== '') assert.equal((await under.finished(last)).status, 'success');
    await Promise.all(others.map((other) => under.ended(other)));
    await assertAtRest(under, id, 'COMPLETED');
  });
});

async function idOf(answer: Response): Promise<string> {
  assert.ok(answer.ok, `${answer.status}`);
  return ((await answer.json()) as { data: { id: string } }).data.id;
}
