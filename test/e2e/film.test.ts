import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { LedgerLine } from '../../sandbox/ledger.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const run = promisify(execFile);

describe('one theme, one film', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({ SANDBOX_DELAY_SCALE: '0.15' })));
  after(() => under.stop());

  it('makes the whole film by HTTP, both branches at the same time', async () => {
    await under.sandbox.reset();
    const id = await under.order({ video_theme: '介绍我们的新款智能手表', visual_style: '商务专业', duration: 10 });
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(video.degradations, []);
    assert.equal(video.sandbox, true);
    assert.ok(video.draft_id);
    assert.equal((await under.download(video.draft_url ?? '')).subarray(0, 2).toString(), 'PK');
    await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
    const cover = await under.download(video.cover_url);
    assert.equal(cover.subarray(0, 3).toString('hex'), 'ffd8ff');
    assert.match((await under.download(video.captions_url ?? '')).toString(), /^1\r?\n00:00:00,\d{3} --> /);

    const { lines } = await under.sandbox.ledger();
    const spoken = lines.filter((line) => line.kind === 'speech');
    const seen = lines.filter((line) => line.kind === 'image');
    assert.ok(spoken.length >= 2 && seen.length === spoken.length);
    assert.ok(overlapMs(spoken, seen) > 0, 'speech and pictures are bought at the same time');
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('honours ratio, frame rate and silence', async () => {
    await under.sandbox.reset();
    const wish = { aspect_ratio: '16:9', fps: 24, enable_tts: false, captions: 'none', bgm: 'none' };
    const video = await under.finished(await under.order(wish));
    assert.equal(video.status, 'success');
    await assertPlayable(under, video, { seconds: 5, width: 640, height: 360, fps: 24 });
    assert.equal(video.captions_url, null);
    assert.deepEqual(await under.sandbox.billed('speech'), []);
  });

  it('starts one run for a hundred equal requests with one key', async () => {
    await under.sandbox.reset();
    const headers = { 'idempotency-key': 'one-film-only' };
    const body = { ...SMALL, enable_tts: false };
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const response = await under.request('POST', '/api/v1/generate-video', { body, headers });
        return { status: response.status, json: (await response.json()) as { data: { id: string } } };
      }),
    );
    const ids = new Set(answers.map(({ json }) => json.data.id));
    assert.equal(ids.size, 1);
    assert.ok(answers.every(({ status }) => status === 202));
    await under.finished([...ids][0] as string);
    assert.equal((await under.sandbox.billed('chat')).length, 1);
  });

  it('waits for the film when asked to', async () => {
    await under.sandbox.reset();
    const response = await under.request('POST', '/api/v1/generate-video', {
      body: { ...SMALL, enable_tts: false },
      headers: { prefer: 'wait=60' },
    });
    const { data } = (await response.json()) as { data: { status: string } };
    assert.deepEqual([response.status, data.status], [200, 'success']);
  });

  it('is found, described, asked and cancelled by the README’s commands of the Temporal CLI', async () => {
    await under.sandbox.reset([{ route: 'image', fault: { hang: true } }]);
    const id = await under.order();
    await under.untilVideo(id, 'is making assets', ({ stage }) => stage === 'assets');
    const [list, children, describe, query, show, cancel, ...more] = readmeCommands();
    assert.ok(list && children && describe && query && show && cancel && more.length === 0, 'six commands');
    const cli = under.stack.env['TEMPORAL_CLI_PATH'] ?? '';
    const env = {
      ...process.env,
      PATH: `${path.dirname(cli)}:${process.env['PATH']}`,
      HOME: under.dataDir,
      ADDRESS: under.stack.urls.temporal,
      VIDEO: id,
    };
    const typed = async (command: string): Promise<string> => (await run('bash', ['-ec', command], { env })).stdout;

    await until('the list has it', async () => (await typed(list)).includes(`video-${id}`));
    await until('and its branches', async () =>
      /audioBranch[^]*visualBranch|visualBranch[^]*audioBranch/.test(await typed(children)),
    );
    assert.match(await typed(describe), /Type\s+generateVideo\b[^]*CancelRequested\s+false/);
    assert.match(await typed(query), /"stage":\s*"assets"/);
    assert.match(await typed(show), /StartChildWorkflowExecutionInitiated/);
    await typed(cancel);
    await until('it is listed as being cancelled', async () => {
      const response = await under.request('GET', '/api/v1/videos?status=cancelling');
      return (await response.text()).includes(id);
    });
    assert.equal((await under.ended(id)).status, 'cancelled');
  });
});

/** The block of the README that a person copies from. */
function readmeCommands(): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return (/^```sh temporal-cli\n([^]*?)^```/m.exec(readme)?.[1] ?? '').trim().split('\n');
}

/** How long at least one of each was under way at the far side, in milliseconds. */
function overlapMs(some: LedgerLine[], others: LedgerLine[]): number {
  const span = (line: LedgerLine): [number, number] => [Date.parse(line.at), Date.parse(line.answeredAt)];
  return Math.max(
    ...some.flatMap((one) =>
      others.map((other) => {
        const [a, b] = [span(one), span(other)];
        return Math.min(a[1], b[1]) - Math.max(a[0], b[0]);
      }),
    ),
  );
}
