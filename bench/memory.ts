import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram } from '../test/built-program.ts';
import { StackUnderTest } from '../test/e2e/stack-under-test.ts';
import { FREE_PORTS } from '../test/free-ports.ts';
import { testFfmpeg } from '../test/render/films.ts';
import type { Bench, Figure } from './figure.ts';
import { makeFilm } from './film.ts';
import { memoryOfTree, peakOfTree, totalBytes, type ProcessMemory } from './process-tree.ts';

const MIB = 2 ** 20;
const FILM = { scenes: 4, seconds: 12 };
const SAMPLES = 10;
const SAMPLE_EVERY_MS = 1_000;
/** After the start: what was needed for it has been given back by then, as far as it will be. */
const SETTLE_MS = 15_000;
const ACTIVITY_QUEUES = 'audio_processing,visual_processing,visual_waiting,capcut,render';
const RENDER_ALONE = fileURLToPath(new URL('memory/render-alone.mjs', import.meta.url));

/** What the product holds in memory, by the sum of its processes' resident sets: shared pages count for each. */
export const memory: Figure = {
  name: 'memory',
  about: 'Memory of a render, of the idle product, and of a worker without workflows.',
  metrics: [
    {
      name: 'render_memory',
      about: 'Peak of a 1080p render, its Node process and every ffmpeg together.',
      ...{ unit: 'MiB', target: { atMost: 600 } },
    },
    {
      name: 'streaming_memory',
      about: 'The same where each scene is encoded when its picture comes, and the rest at the end.',
      ...{ unit: 'MiB', target: { atMost: 600 } },
    },
    {
      name: 'idle_memory',
      about: 'The idle all-in-one without Temporal and without the sandbox, which is not there with keys.',
      ...{ unit: 'MiB', target: { atMost: 900 } },
    },
    {
      name: 'activity_worker_memory',
      about: 'An idle worker of all queues but orchestration.',
      ...{ unit: 'MiB', target: { atMost: 200 } },
    },
  ],
  measure: async (bench) => {
    for (const metric of ['render_memory', 'streaming_memory'] as const)
      if (bench.wants(metric)) await measureRender(bench, metric);
    if (bench.wants('idle_memory')) await measureIdle(bench);
    if (bench.wants('activity_worker_memory')) await measureWorker(bench);
  },
};

async function measureRender(bench: Bench, metric: 'render_memory' | 'streaming_memory'): Promise<void> {
  const film = await makeFilm(FILM);
  try {
    const job = path.join(film.folder, 'job.json');
    await writeFile(
      job,
      JSON.stringify({
        streamed: metric === 'streaming_memory',
        ...{ timeline: film.timeline, assets: film.assets.folder, ffmpeg: await testFfmpeg() },
        workDir: await film.emptyFolder('work'),
        renderer: pathToFileURL(builtProgram('src/render/render-film.js')).href,
      }),
    );
    const child = spawn(process.execPath, [RENDER_ALONE, job], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = new AbortController();
    const exited = once(child, 'exit').finally(() => ended.abort());
    const stop = () => child.kill('SIGTERM');
    bench.signal.addEventListener('abort', stop, { once: true });
    const [peak, [code]] = await Promise.all([peakOfTree(child.pid!, { signal: ended.signal }), exited]);
    bench.signal.removeEventListener('abort', stop);
    if (code !== 0) throw new Error(`The render ended with ${code}.`);
    tellProcesses(bench, 'at the peak', peak);
    bench.record(metric, [totalBytes(peak) / MIB]);
  } finally {
    await film.remove();
  }
}

/** As `npm start` makes it: the command itself, with what it starts. */
async function measureIdle(bench: Bench): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bridge-bench-'));
  const child = spawn(process.execPath, [builtProgram('src/cli/main.js'), 'start'], {
    env: { ...process.env, ...ANY_PORT, ARK_API_KEY: '', DATA_DIR: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  try {
    await Promise.race([saysUp(child.stdout), exited.then(() => Promise.reject(new Error('npm start ended.')))]);
    await sleep(SETTLE_MS, undefined, { signal: bench.signal });
    const seen = await sampled(bench, () => memoryOfTree(child.pid!).filter(isOurs));
    tellProcesses(bench, 'idle', seen.at(-1)!);
    bench.record(
      'idle_memory',
      seen.map((each) => totalBytes(each) / MIB),
    );
  } finally {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureWorker(bench: Bench): Promise<void> {
  const under = await StackUnderTest.start();
  try {
    const worker = await under.program('src/workers/main.js', { WORKER_QUEUES: ACTIVITY_QUEUES });
    await sleep(SETTLE_MS, undefined, { signal: bench.signal });
    const seen = await sampled(bench, () => memoryOfTree(worker.pid));
    tellProcesses(bench, 'activity worker', seen.at(-1)!);
    bench.record(
      'activity_worker_memory',
      seen.map((each) => totalBytes(each) / MIB),
    );
  } finally {
    await under.stop();
  }
}

const ANY_PORT = Object.fromEntries(FREE_PORTS.map((name) => [name, '0']));

const isOurs = ({ command }: ProcessMemory): boolean => !/temporal\S* server start-dev|sandbox\/main\.js/.test(command);

async function sampled(bench: Bench, look: () => ProcessMemory[]): Promise<ProcessMemory[][]> {
  const seen: ProcessMemory[][] = [];
  while (seen.length < SAMPLES) {
    seen.push(look());
    await sleep(SAMPLE_EVERY_MS, undefined, { signal: bench.signal });
  }
  return seen;
}

async function saysUp(output: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    if (!line.startsWith('The stack is up')) continue;
    output.resume();
    return;
  }
}

function tellProcesses(bench: Bench, when: string, processes: readonly ProcessMemory[]): void {
  for (const { command, rssBytes } of processes)
    bench.note(
      `${when}: ${(rssBytes / MIB).toFixed(0).padStart(4)} MiB ${(command.split('\n')[0] ?? '').replace(/\S*\/(?=[^/ ]+\/[^/ ]+)/g, '').slice(0, 90)}`,
    );
}
