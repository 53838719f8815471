import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eq } from 'drizzle-orm';
import { startSandbox, type Sandbox } from '../../sandbox/server.ts';
import { loadConfig } from '../../src/config.ts';
import { events } from '../../src/database/schema.ts';
import type { DraftChannel } from '../../src/domain/service.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import { contentOf } from '../draft/studio.ts';
import { assertAtRest } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** CapCutAPI counts milliseconds. */
const SLACK_US = 1_000;

describe('the ways to a draft', () => {
  let under: StackUnderTest;
  let capcut: Sandbox;
  let isUp = true;
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-capcut-'));
  const command = path.join(folder, 'capcut-mcp.mjs');
  const started = path.join(folder, 'started');

  before(async () => {
    capcut = await startSandbox({ delayScale: 0 });
    setMcp('up');
    under = await StackUnderTest.start(
      { CAPCUT_HTTP_URL: capcut.url },
      {
        channels: (channels) => {
          channels.capcut.mcp = { command: process.execPath, args: [command], env: {} };
        },
        breakers: (breakers) => {
          breakers.mcp_channel = { ...breakers.mcp_channel, failure_threshold: 1 };
        },
      },
    );
  });
  after(async () => {
    await under.stop();
    if (isUp) await capcut.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the command starts: the sandbox's server, or something that ends at once. Each start is noted. */
  function setMcp(state: 'up' | 'down'): void {
    const server = path.join(loadConfig({}).projectDir, 'dist/sandbox/capcut/main.js');
    const note = `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(started)}, 'x');\n`;
    writeFileSync(
      command,
      note + (state === 'up' ? `await import(${JSON.stringify(server)});\n` : 'process.exit(1);\n'),
    );
    appendFileSync(started, '');
  }
  const starts = (): number => readFileSync(started, 'utf8').length;

  const told = async (id: string) => {
    const rows = await under.database.run((query) => query.select().from(events).where(eq(events.videoId, id)));
    return rows.filter(({ type }) => type === 'draft_fallback').map(({ data }) => data);
  };
  const counted = async (from: DraftChannel, to: DraftChannel): Promise<number> => {
    const text = await (await under.request('GET', '/metrics')).text();
    const line = new RegExp(`^mcp_bridge_draft_fallbacks_total\\{from="${from}",to="${to}"\\} (\\d+)$`, 'm').exec(text);
    return Number(line?.[1] ?? 0);
  };

  /** A film, whose draft was made that way and is whole. */
  async function filmBy(channel: DraftChannel): Promise<string> {
    const id = await under.order();
    const film = await under.finished(id);
    assert.deepEqual([film.status, film.degradations, film.draft_channel], ['success', [], channel]);
    const draft = path.join(under.dataDir, 'drafts', film.draft_id!);
    const content = await checkDraft(draft, { slackUs: channel === 'local_draft' ? 0 : SLACK_US });
    assert.ok(Math.abs(content.duration - film.duration * 1e6) <= 40_000, `${content.duration} µs`);
    const zip = await under.download(film.draft_url!);
    assert.equal(zip.subarray(0, 2).toString(), 'PK');
    await assertAtRest(under, id, 'COMPLETED');
    return id;
  }

  it('with all of them up, MCP makes it, and nothing is announced', async () => {
    const id = await filmBy('mcp_channel');
    assert.equal(starts(), 1, 'one child a draft');
    assert.deepEqual(await told(id), []);
    // CapCutAPI's own: our ids look otherwise.
    const { tracks } = await contentOf(path.join(under.dataDir, 'drafts', `draft-${id}`));
    assert.match(tracks[0]!.id, /^[0-9a-f]{32}$/);
  });

  it('with MCP down, HTTP makes it; it is announced, counted, and no degradation', async () => {
    setMcp('down');
    const id = await filmBy('http_channel');
    assert.deepEqual(await told(id), [{ channel: 'http_channel', insteadOf: 'mcp_channel', why: 'network_error' }]);
    await until('it is counted', async () => (await counted('mcp_channel', 'http_channel')) === 1);
  });

  it('an open breaker keeps its channel out, though it would serve again', async () => {
    setMcp('up');
    const health = (await (await under.request('GET', '/health')).json()) as {
      data: { circuit_breakers: { service: string; state: string }[] };
    };
    assert.deepEqual(
      health.data.circuit_breakers.map(({ service, state }) => [service, state]),
      [['mcp_channel', 'open']],
    );
    const before = starts();
    const id = await filmBy('http_channel');
    assert.equal(starts(), before, 'no child was started');
    assert.deepEqual(await told(id), [{ channel: 'http_channel', insteadOf: 'mcp_channel', why: 'circuit_open' }]);
  });

  it('with both down, our own hand makes it, and it is announced', async () => {
    await capcut.close();
    isUp = false;
    const id = await filmBy('local_draft');
    assert.deepEqual(await told(id), [{ channel: 'local_draft', insteadOf: 'mcp_channel', why: 'circuit_open' }]);
    assert.ok(existsSync(path.join(under.dataDir, 'drafts', `draft-${id}`)));
  });
});
