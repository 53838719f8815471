import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { refused, succeeding } from '../backup/command.ts';
import { assertAgree } from './agree.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a restore drill', () => {
  let folder: string;
  let dataDir: string;
  let under: StackUnderTest;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-drill-'));
    dataDir = path.join(folder, 'data');
    under = await StackUnderTest.start({ DATA_DIR: dataDir });
  });
  after(async () => {
    await under?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything of ours is gone; Temporal's server has its own disk. */
  function loseEverything(): void {
    for (const name of readdirSync(dataDir))
      if (!name.startsWith('temporal.db')) rmSync(path.join(dataDir, name), { recursive: true });
  }

  const orderOnce = async () => {
    const response = await under.request('POST', '/api/v1/generate-video', {
      body: SMALL,
      headers: { 'idempotency-key': 'film A' },
    });
    const { data } = (await response.json()) as { data: { id: string } };
    return { id: data.id, replayed: response.headers.get('idempotent-replayed') === 'true' };
  };

  it('brings back what was backed up, whole, and the truth about what was not', async () => {
    const backup = path.join(folder, 'backup');
    const a = (await orderOnce()).id;
    const film = sha256(await under.download((await under.finished(a)).video_url));
    await assertAgree(under, a);
    const environment = { ...under.stack.env };
    const said = await succeeding(environment, 'backup', '--out', backup);
    assert.deepEqual([said['lost'], said['secret']], [[], true]);

    const b = await under.order({ video_theme: '山谷里的一天' });
    const { status } = await under.finished(b);
    assert.match(await refused(environment, 'restore', '--from', backup), /A stack \(process \d+\) runs on/);
    await under.stack.stop();
    await under.stop();
    loseEverything();

    const restored = await succeeding(environment, 'restore', '--from', backup);
    assert.equal((restored['tables'] as Record<string, number>)['videos'], 1);
    under = await StackUnderTest.start({ DATA_DIR: dataDir });

    const again = await under.finished(a);
    assert.equal(sha256(await under.download(again.video_url)), film);
    for (const url of [again.draft_url, again.cover_url, again.captions_url])
      if (url != null) await under.download(url);
    await assertAgree(under, a);
    assert.deepEqual(await orderOnce(), { id: a, replayed: true });

    const later = await under.finished(b);
    assert.equal(later.status, status);
    await assertAgree(under, b);
    assert.equal(
      (await fetch(later.video_url)).status,
      404,
      'its film was made after the backup, and nobody says otherwise',
    );

    const c = await under.order({ video_theme: '雨后的城市' });
    await under.download((await under.finished(c)).video_url);
    await assertAgree(under, c);
  });
});
