import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SocketCount } from '../../../sandbox/sockets.ts';
import { startSandbox } from '../../../sandbox/server.ts';
import type { DraftDeps } from '../../../src/activities/deps.ts';
import { UNGUARDED } from '../../../src/breakers/breakers.ts';
import { ConfigError, loadConfig } from '../../../src/config.ts';
import type { ChannelSettings } from '../../../src/domain/config-files.ts';
import { writeCapcutFolder } from '../../../src/providers/capcut/write-draft.ts';
import { FolderAssetStore } from '../../../src/store/folder-asset-store.ts';
import { createCapcutDeps } from '../../../src/workers/capcut-deps.ts';
import type { Timeline } from '../../../src/timeline/timeline.ts';
import { configFolder, type ConfigChanges } from '../../e2e/config-folder.ts';
import { until } from '../../until.ts';
import { testTimeline } from '../../render/films.ts';
import { CREATED_AT_MS, useStudio } from '../studio.ts';
import { mcpCommand, useServers } from './servers.ts';

const OWNER = fileURLToPath(new URL('child-owner.ts', import.meta.url));
const CANVAS = { width: 360, height: 640 };

describe('what a worker process makes of the CapCut channel’s settings', () => {
  const studio = useStudio();
  const servers = useServers();
  let timeline: Timeline;
  before(async () => {
    timeline = await testTimeline(studio.assets, { durationSeconds: 5, fps: 24 });
    mkdirSync(studio.draftsRoot, { recursive: true });
  });

  const store = () => new FolderAssetStore(path.join(studio.root, 'kept'));
  function depsWith(
    capcut: Partial<ChannelSettings['capcut']>,
    { env = {}, changes = {} }: { env?: Record<string, string>; changes?: ConfigChanges } = {},
  ): DraftDeps {
    const channels = (settings: ChannelSettings) => void Object.assign(settings.capcut, capcut);
    const config = loadConfig({
      CONFIG_DIR: configFolder(studio.root, { ...changes, channels }),
      ...{ DATA_DIR: studio.root, DRAFTS_ROOT: studio.draftsRoot, CAPCUT_HTTP_URL: servers.url, ...env },
    });
    return createCapcutDeps(config, { assets: store(), guard: UNGUARDED, onFallback: () => {}, launcher: [] });
  }

  let drafts = 0;
  /** Checked as each of our own is: every file there, every length as the Timeline has it. */
  const draftBy = ({ capcut, sight }: DraftDeps) =>
    writeCapcutFolder(
      {
        ...{ videoId: `s${++drafts}`, timeline, draftsRoot: studio.draftsRoot, createdAtMs: CREATED_AT_MS },
        ...{ assetPath: studio.assets.path, ffmpeg: studio.ffmpeg, signal: new AbortController().signal },
        ...{ capcut: capcut.http_channel!, sight },
      },
      () => Promise.resolve(),
    );
  /** How many calls to the server had each of these words in them. */
  async function callsWith(words: readonly string[], work: () => Promise<unknown>): Promise<number[]> {
    await servers.faults(words.map((match) => ({ route: 'capcut', match, share: 0, fault: { status: 500 } })));
    await work();
    const answer = await fetch(`${servers.url}/__sandbox/faults`);
    return ((await answer.json()) as { rules: { matched: number }[] }).rules.map(({ matched }) => matched);
  }

  describe('`media: urls`', () => {
    let gateway: Server;
    let publicUrl = '';
    const fetched: string[] = [];
    before(async () => {
      gateway = createServer((request, response) => {
        const [, sha256 = ''] = /^\/films\/api\/v1\/assets\/([0-9a-f]{64})$/.exec(request.url ?? '') ?? [];
        fetched.push(request.url ?? '');
        void (async () => {
          const ref = await store().find(sha256);
          const bytes = ref === null ? null : await store().read(ref);
          response.writeHead(bytes === null ? 404 : 200, { 'content-type': ref?.mediaType ?? 'text/plain' }).end(bytes);
        })();
      });
      await once(gateway.listen(0, '127.0.0.1'), 'listening');
      publicUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/films/`;
    });
    after(() => gateway.close());

    it('are fetched from PUBLIC_URL, each file once at least, and no path of this machine is told', async () => {
      const deps = depsWith({ media: 'urls' }, { env: { PUBLIC_URL: publicUrl } });
      const [byUrl, byPath] = await callsWith([`${publicUrl}api/v1/assets/`, `${studio.draftsRoot}/.`], () =>
        draftBy(deps),
      );
      const media = timeline.tracks.pictures.length + timeline.tracks.narration.length + timeline.tracks.music.length;
      // Music is laid down in pieces.
      assert.ok((byUrl ?? 0) >= media, `${byUrl} of ${media} pictures and sounds`);
      assert.equal(byPath, 1, 'where to save it');
      assert.ok(new Set(fetched).size >= timeline.tracks.pictures.length, fetched.join(' '));
      assert.ok(fetched.every((url) => url.startsWith('/films/api/v1/assets/')));
    });

    it('need PUBLIC_URL: the worker says so when it starts', () => {
      assert.throws(
        () => depsWith({ media: 'urls' }),
        (error) => error instanceof ConfigError && /capcut\.media.*PUBLIC_URL/.test(error.message),
      );
    });
  });

  it('`drafts_root` is where the servers see our folder of drafts: they are told no other', async () => {
    const theirs = path.join(studio.root, 'as they see it');
    symlinkSync(studio.draftsRoot, theirs);
    const deps = depsWith({ drafts_root: `${theirs}/` });
    const [seen, ours, doubled] = await callsWith([theirs, studio.draftsRoot, `${theirs}//`], () => draftBy(deps));
    assert.ok((seen ?? 0) > timeline.tracks.pictures.length, `${seen} calls`);
    assert.deepEqual([ours, doubled], [0, 0]);
  });

  for (const [what, change, limit] of [
    ['eight, as the file has it', {}, 8],
    ['as many as another file says', { max_connections: 3 }, 3],
  ] as const)
    it(`its connections are ${what}; every waiting draft gets its turn`, async () => {
      const sandbox = await startSandbox({ delayScale: 0 });
      try {
        const parallel: ConfigChanges['parallel'] = ({ resource_pools }) =>
          void Object.assign(resource_pools.capcut_api, change);
        const { capcut } = depsWith({}, { env: { CAPCUT_HTTP_URL: sandbox.url }, changes: { parallel } });
        const rules = [{ route: 'capcut', fault: { delayMs: 200 } }];
        await fetch(`${sandbox.url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(rules) });
        const { signal } = new AbortController();
        const begun = await Promise.all(
          Array.from({ length: 4 * limit }, () => capcut.http_channel!.begin(CANVAS, { signal })),
        );
        assert.equal(new Set(begun.map(({ id }) => id)).size, 4 * limit);
        const sockets = (await (await fetch(`${sandbox.url}/__sandbox/sockets`)).json()) as { api: SocketCount };
        assert.equal(sockets.api.most, limit);
      } finally {
        await sandbox.close();
      }
    });

  it('a server by command dies with a worker that is killed, though it does not hear its input end', async () => {
    const { args, ...command } = mcpCommand();
    const deaf = ['--import', 'data:text/javascript,setInterval(()=>{},1e6)', ...args];
    const channels = ({ capcut }: ChannelSettings) => void (capcut.mcp = { ...command, args: deaf });
    const worker = spawn(process.execPath, ['--import', 'tsx', OWNER], {
      env: { ...process.env, CONFIG_DIR: configFolder(studio.root, { channels }), DATA_DIR: studio.root },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: worker.stdout }), 'line')) as [string];
    const children = line.split(' ').map(Number);
    try {
      assert.ok(children.some(isCapcut), `${line}: no such child`);
      worker.kill('SIGKILL');
      await until('no child is left', () => !children.some(isAlive));
    } finally {
      for (const child of children.filter(isCapcut)) process.kill(child, 'SIGKILL');
    }
  });
});

const isCapcut = (pid: number): boolean => isAlive(pid) && inProc(pid, 'cmdline').includes('sandbox/capcut/main');

/** A zombie does nothing any more. */
const isAlive = (pid: number): boolean => /^State:\s+[^ZX\s]/m.test(inProc(pid, 'status'));

function inProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
