import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { McpChannel } from '../../src/domain/config-files.ts';
import { CLOSED_PORT } from '../../src/providers/testing/local-host.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { until } from '../until.ts';
import {
  failureOf,
  MODEL,
  openClient,
  pictureAfterAnother,
  pictureOf,
  REFUSALS,
  sizeOf,
  stdioChannel,
} from './doubao-mcp.ts';

const WORKER = fileURLToPath(new URL('child-owner.ts', import.meta.url));

type Opened = Awaited<ReturnType<typeof openClient>>;

describe('Doubao over MCP', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  beforeEach(() => sandbox.clear());

  const ark = () => `${sandbox.url}/api/v3`;
  const mcpUrl = () => `${sandbox.url}/mcp/doubao`;
  const asked = async () => (await sandbox.ledger()).arrived.filter(({ route }) => route === 'image');
  const billed = async () => (await sandbox.ledger()).lines.filter(({ kind }) => kind === 'image').length;

  for (const [carrier, open] of [
    ['over Streamable HTTP', () => openClient({ url: mcpUrl(), headers: {} })],
    ['over stdio', () => openClient(stdioChannel(ark()))],
  ] as const) {
    describe(carrier, () => {
      let client: Promise<Opened> | undefined;
      const provider = async () => (await (client ??= open())).provider;

      it('makes a picture, by its URL, for one request', async () => {
        const answer = await (await provider()).createImage(pictureOf('一杯咖啡'));
        assert.deepEqual(await sizeOf(answer.url), [720, 1280]);
        assert.deepEqual(
          (await asked()).map(({ via, outcome }) => [via, outcome]),
          [['mcp', 'answered 200']],
        );
        // How many it asked for of one picture is its own affair: nothing is reported.
        assert.equal(answer.generatedImages, null);
      });

      it('takes after a reference picture, where the model takes one', async () => {
        assert.equal((await (await provider()).createImage(await pictureAfterAnother())).model, MODEL);
        assert.equal(await billed(), 1);
      });

      for (const [what, fault, kind, requests] of REFUSALS) {
        it(`tells ${what} from a success although isError is false: ${kind}`, async () => {
          await sandbox.faults([{ route: 'image', fault }]);
          const failed = await failureOf((await provider()).createImage(pictureOf('秘密的词')));
          assert.deepEqual([failed.kind, failed.billed], [kind, kind === 'outcome_unknown' ? 'unknown' : 'no']);
          assert.equal((await asked()).length, requests);
          assert.doesNotMatch(failed.message, /秘密/);
        });
      }

      it('a hidden second request serves, and may have been a second purchase', async () => {
        await sandbox.faults([{ route: 'image', nth: 1, fault: { noAnswer: 'after' } }]);
        await (await provider()).createImage(pictureOf('茶'));
        assert.equal(await billed(), 2);
      });
    });
  }

  describe('a server that fails', () => {
    const GENEROUS_MS = 30_000;
    /** Shorter than any start: these are begun before they are to fail. */
    const BRIEF_MS = 400;
    const begun = async (channel: McpChannel) => {
      const answerMs = { still: GENEROUS_MS, clip: GENEROUS_MS };
      const client = await openClient(channel, { answerMs });
      await client.provider.createImage(pictureOf('先来一张'));
      await sandbox.clear();
      return { ...client, answerMs };
    };
    const overHttp = () => begun({ url: mcpUrl(), headers: {} });
    const overStdio = () => begun(stdioChannel(ark()));

    for (const [carrier, open] of [
      ['over Streamable HTTP', overHttp],
      ['over stdio', overStdio],
    ] as const) {
      for (const [what, fault, bought] of [
        ['hangs', { hang: true }, 0],
        ['hangs when it has bought', { hang: true, billed: true }, 1],
        ['answers garbage', { garbage: true }, 1],
        ['answers somebody else', { wrongId: true }, 1],
        ['dies in the call', { die: true, billed: true }, 1],
      ] as const) {
        it(`${carrier}: one that ${what} leaves the outcome unknown, is not asked again, and serves the next call`, async () => {
          const { provider, notes, answerMs } = await open();
          await sandbox.faults([{ route: 'mcp', match: 'tools/call', nth: 1, fault }]);
          answerMs.still = BRIEF_MS;
          const failed = await failureOf(provider.createImage(pictureOf('秘密的词')));
          assert.deepEqual([failed.kind, failed.billed], ['outcome_unknown', 'unknown']);
          assert.ok((await asked()).length <= 1);
          answerMs.still = GENEROUS_MS;
          await until('what it had begun is done', async () => (await billed()) === bought);
          let url = '';
          await until('it serves again', async () => {
            url = await provider.createImage(pictureOf('下一张')).then(
              (answer) => answer.url,
              () => '',
            );
            return url !== '';
          });
          assert.doesNotMatch(JSON.stringify(notes), /秘密|a-key/);
        });
      }
    }

    it('a stream that breaks is told long before the call’s time is up', async () => {
      const { provider } = await openClient({ url: mcpUrl(), headers: {} });
      await sandbox.faults([{ route: 'mcp', match: 'tools/call', nth: 1, fault: { die: true } }]);
      assert.equal((await failureOf(provider.createImage(pictureOf('茶')))).kind, 'outcome_unknown');
    });

    it('one that refuses our protocol is not reached: nothing was sent', async () => {
      await sandbox.faults([{ route: 'mcp', match: 'initialize', fault: { protocolVersion: '1999-01-01' } }]);
      for (const open of [() => openClient({ url: mcpUrl(), headers: {} }), () => openClient(stdioChannel(ark()))]) {
        const { provider, notes } = await open();
        const failed = await failureOf(provider.createImage(pictureOf('茶')));
        assert.deepEqual([failed.kind, failed.billed], ['network_error', 'no']);
        assert.match(JSON.stringify(notes), /protocol version is not supported: 1999-01-01/);
      }
      assert.equal((await asked()).length, 0);
    });

    it('one that is slow to start is waited for, but not for ever', async () => {
      await sandbox.faults([{ route: 'mcp', match: 'initialize', fault: { delayMs: 700 } }]);
      const channel = { url: mcpUrl(), headers: {} };
      await (await openClient(channel)).provider.createImage(pictureOf('茶'));
      const { provider } = await openClient(channel, { connectTimeoutMs: 300 });
      const failed = await failureOf(provider.createImage(pictureOf('茶')));
      assert.deepEqual([failed.kind, failed.billed, await billed()], ['network_error', 'no', 1]);
    });

    it('one that is not there is not reached: nothing was sent, and it is not tried in a tight loop', async () => {
      const command = { args: [], env: {} };
      for (const channel of [
        { url: `http://127.0.0.1:${CLOSED_PORT}/mcp`, headers: {} },
        { command: 'no-such-command-here', ...command },
        { command: 'true', ...command },
      ]) {
        const { provider, notes } = await openClient(channel);
        for (let call = 0; call < 20; call++) {
          const failed = await failureOf(provider.createImage(pictureOf('茶')));
          assert.deepEqual([failed.kind, failed.billed], ['network_error', 'no']);
        }
        const tries = notes.filter(({ message }) => message === 'an MCP server cannot be reached').length;
        assert.ok(tries >= 1 && tries <= 3, `${tries} tries for twenty calls`);
      }
    });

    it('one that knows no such tool, and one without a key, have bought nothing', async () => {
      const { connection } = await openClient({ url: mcpUrl(), headers: {} });
      const unknown = await connection.call('no_such_tool', {}, { timeoutMs: 5_000 });
      assert.equal(unknown.isError, true);
      const { provider } = await openClient(stdioChannel(ark(), { ARK_API_KEY: '' }));
      assert.equal((await failureOf(provider.createImage(pictureOf('茶')))).kind, 'provider_auth');
      assert.equal((await asked()).length, 0);
    });

    it('a long answer is taken, one that is longer than the limit ends the call', async () => {
      const open = [() => openClient({ url: mcpUrl(), headers: {} }), () => openClient(stdioChannel(ark()))];
      for (const each of open) {
        const { provider } = await each();
        const pad = (padBytes: number) => sandbox.faults([{ route: 'mcp', match: 'tools/call', fault: { padBytes } }]);
        await pad(11 * 1024 * 1024);
        assert.match((await provider.createImage(pictureOf('茶'))).url, /^http/);
        await pad(17 * 1024 * 1024);
        assert.equal((await failureOf(provider.createImage(pictureOf('茶')))).kind, 'outcome_unknown');
      }
    });

    it('a server that was started anew is connected to anew', async () => {
      const first = await startSandbox({ delayScale: 0.002 });
      const port = Number(new URL(first.url).port);
      const { provider } = await openClient({ url: `${first.url}/mcp/doubao`, headers: {} });
      await provider.createImage(pictureOf('茶'));
      await first.close();
      const second = await startSandbox({ delayScale: 0.002, port });
      try {
        // It knows nothing of our session: refused. What still went over a connection to the first one nobody can know of.
        const { kind, billed } = await failureOf(provider.createImage(pictureOf('茶')));
        assert.ok(['network_error no', 'outcome_unknown unknown'].includes(`${kind} ${billed}`), `${kind} ${billed}`);
        const bought = (await (await fetch(`${second.url}/__sandbox/ledger`)).json()) as { lines: unknown[] };
        assert.deepEqual(bought.lines, []);
        await until('it serves', () => provider.createImage(pictureOf('茶')).then(Boolean, () => false));
      } finally {
        await second.close();
      }
    });

    it('a child that was killed is started again with the next call', async () => {
      const { provider, connection } = await openClient(stdioChannel(ark()));
      await provider.createImage(pictureOf('茶'));
      const [child] = connection.children;
      assert.ok(child !== undefined);
      process.kill(child, 'SIGKILL');
      await until('another one serves', () => provider.createImage(pictureOf('茶')).then(Boolean, () => false));
      assert.equal(connection.children.length, 1);
      assert.notEqual(connection.children[0], child);
    });

    it('a child ends with the connection, and with a worker that is killed', async () => {
      const { provider, connection } = await openClient(stdioChannel(ark()));
      await provider.createImage(pictureOf('茶'));
      const [child] = connection.children;
      await connection.close();
      assert.equal(isAlive(child), false);

      const worker = spawn(process.execPath, ['--import', 'tsx', WORKER, ark()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface({ input: worker.stdout }), 'line')) as [string];
      const ofTheWorker = Number(line);
      assert.equal(isAlive(ofTheWorker), true);
      worker.kill('SIGKILL');
      await until('its child is gone', () => !isAlive(ofTheWorker));
    });
  });
});

/** A zombie does nothing any more. */
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
