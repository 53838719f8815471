import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../../src/config.ts';
import { UNGUARDED } from '../../../src/breakers/breakers.ts';
import { FolderAssetStore } from '../../../src/store/folder-asset-store.ts';
import { diesWithParent } from '../../../src/tools/dies-with-parent.ts';
import { createCapcutDeps } from '../../../src/workers/capcut-deps.ts';

// A worker that has begun a draft: tells the pid of the server's process, then waits to be killed.
const config = loadConfig();
const { capcut } = createCapcutDeps(config, {
  ...{ assets: new FolderAssetStore(config.dataDir), guard: UNGUARDED, onFallback: () => {} },
  launcher: await diesWithParent(),
});
await capcut.mcp_channel?.begin({ width: 360, height: 640 }, { signal: new AbortController().signal });
process.stdout.write(`${readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim()}\n`);
await sleep(600_000);
