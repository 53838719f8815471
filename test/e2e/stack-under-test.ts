import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { loadConfig, type Config } from '../../src/config.ts';
import { Video } from '../../src/contract/video.ts';
import { Database, databaseTarget } from '../../src/database/database.ts';
import type { VideoMemo } from '../../src/domain/generate-video.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { startStack, type Stack } from '../../src/stack/stack.ts';
import { createClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { FREE_PORTS } from '../free-ports.ts';
import { configFolder, type ConfigChanges } from './config-folder.ts';
import { Sandbox } from './sandbox-admin.ts';
import { inTime } from '../in-time.ts';
import { until } from '../until.ts';

/** Small enough that a film takes seconds on two cores; everything else is as in production. */
export const SMALL = { video_theme: '一杯手冲咖啡的清晨', duration: 5, resolution: '360p' } as const;

export const ENDED = ['success', 'partial', 'failed', 'cancelled', 'terminated'] as const;
/** An end stays, and cannot be missed: looked for more often, it costs a tenth of the film. */
const END_LOOK_MS = 250;

type Ended = Extract<Video, { status: (typeof ENDED)[number] }>;

type Finished = Extract<Video, { status: 'success' | 'partial' }>;
type Film = Finished & { cost: NonNullable<Finished['cost']> };

/** A program of the product as a process of its own, beside the stack's. */
export interface Extra {
  pid: number;
  /** What its ready line says: the gateway's URL, or true. */
  ready: unknown;
  /** Its exit code, when it has ended; null: by a signal. */
  exited: Promise<number | null>;
  /** The file its log goes to. */
  log: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A whole stack of the product's own programs on free ports and a folder of its own: real Temporal server, real HTTP, real files. */
export class StackUnderTest {
  readonly stack: Stack;
  readonly client: Client;
  readonly sandbox: Sandbox;
  /** The stack's database, for the test's own looks. */
  readonly database: Database;
  readonly #folder: string;
  readonly #config: Config;
  readonly #extras: Extra[] = [];
  #started = 0;

  private constructor(folder: string, config: Config, stack: Stack, client: Client) {
    this.#folder = folder;
    this.#config = config;
    this.stack = stack;
    this.client = client;
    this.database = new Database(databaseTarget({ ...config, dataDir: stack.dataDir }));
    this.sandbox = new Sandbox(stack.urls.sandbox ?? '');
  }

  /** `changes`: of the product's own configuration. */
  static async start(environment: Record<string, string> = {}, changes?: ConfigChanges): Promise<StackUnderTest> {
    const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-e2e-'));
    const config = loadConfig({
      ...process.env,
      ...Object.fromEntries(FREE_PORTS.map((name) => [name, '0'])),
      ARK_API_KEY: '',
      DATA_DIR: path.join(folder, 'data'),
      SANDBOX_DELAY_SCALE: '0.05',
      LOG_LEVEL: 'warn',
      ...(changes === undefined ? {} : { CONFIG_DIR: configFolder(folder, changes) }),
      ...environment,
    });
    const stack = await startStack({ config, onEvent: () => {} });
    const settings = { ...config.temporal, address: stack.urls.temporal };
    const client = createClient(settings, await createDataConverter(settings.payloadCodecModule));
    return new StackUnderTest(folder, config, stack, client);
  }

  async stop(): Promise<void> {
    // Nobody wants what is under way any more.
    await Promise.all(this.#extras.map((extra) => extra.kill()));
    await this.client.connection.close();
    await this.database.close();
    await this.stack.stop({ discard: true, atOnce: true });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Where the product keeps assets, purchases and work folders. */
  get dataDir(): string {
    return this.stack.dataDir;
  }

  request(
    method: string,
    at: string,
    options: { body?: unknown; headers?: Record<string, string>; base?: string } = {},
  ) {
    const { body, headers = {}, base = this.stack.urls.gateway } = options;
    return fetch(`${base}${at}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Asks for a small film; resolves to its id. */
  async order(wish: Record<string, unknown> = {}, options: { base?: string } = {}): Promise<string> {
    const headers = { 'idempotency-key': randomUUID() };
    const order = { body: { ...SMALL, ...wish }, headers, ...options };
    const response = await inTime(() => this.request('POST', '/api/v1/generate-video', order));
    const answer = (await response.json()) as { data: { id: string } };
    assert.equal(response.status, 202, JSON.stringify(answer));
    return answer.data.id;
  }

  /** Stores an asset of a user's own, and gives its id. */
  async upload(bytes: Buffer, type: string): Promise<string> {
    const response = await fetch(`${this.stack.urls.gateway}/api/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(bytes),
    });
    const answer = (await response.json()) as { data: { id: string } };
    assert.equal(response.status, 201, JSON.stringify(answer));
    return answer.data.id;
  }

  /** The video as the gateway tells it, checked against the contract. */
  async video(id: string): Promise<Video> {
    const response = await inTime(() => this.request('GET', `/api/v1/videos/${id}`));
    const answer = (await response.json()) as { data: unknown };
    assert.equal(response.status, 200, JSON.stringify(answer));
    return Video.parse(answer.data);
  }

  async untilVideo(
    id: string,
    what: string,
    holds: (video: Video) => boolean,
    patience: { withinMs?: number | undefined; everyMs?: number } = {},
  ): Promise<Video> {
    let last: Video | undefined;
    await until(`${id}: ${what}`, async () => holds((last = await this.video(id))), {
      ...patience,
      otherwise: () => JSON.stringify(last),
    });
    return last as Video;
  }

  /** Waits until the gateway answers again, or the one that takes its place. */
  async gatewayAnswers(): Promise<void> {
    await until('a gateway answers', () =>
      this.request('GET', '/health').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }

  /** Waits for the end, whatever it is. */
  async ended(id: string, withinMs?: number): Promise<Ended> {
    const isEnded = (video: Video): video is Ended => (ENDED as readonly string[]).includes(video.status);
    const patience = { withinMs, everyMs: END_LOOK_MS };
    return (await this.untilVideo(id, 'has ended', isEnded, patience)) as Ended;
  }

  /** Waits for a film, with its account. @throws when the video ends without. */
  async finished(id: string, withinMs?: number): Promise<Film> {
    const video = await this.ended(id, withinMs);
    assert.ok(video.status === 'success' || video.status === 'partial', JSON.stringify(video));
    const { cost } = video;
    assert.ok(cost !== null, 'an account');
    return { ...video, cost };
  }

  /** Bytes behind a URL of an answer. */
  async download(url: string): Promise<Buffer> {
    const response = await fetch(url);
    assert.equal(response.status, 200);
    return Buffer.from(await response.arrayBuffer());
  }

  /** A gateway of its own that starts runs under a changed configuration. Resolves to its URL. */
  async gatewayWith(changes: ConfigChanges): Promise<string> {
    const CONFIG_DIR = configFolder(this.#folder, changes);
    const gateway = await this.program('src/api/main.js', { CONFIG_DIR, GATEWAY_PORT: '0' });
    return gateway.ready as string;
  }

  /** Another process of the product in this stack's environment. Resolves when it is ready. */
  async program(module: string, environment: Record<string, string>): Promise<Extra> {
    const log = path.join(this.dataDir, 'logs', `extra-${++this.#started}.log`);
    const stderr = openSync(log, 'a');
    const child = spawn(process.execPath, [path.join(this.#config.projectDir, 'dist', module)], {
      env: { ...process.env, ...this.stack.env, METRICS_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', stderr],
    });
    closeSync(stderr);
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    const ready = await Promise.race([
      readyLine(child.stdout as NodeJS.ReadableStream),
      exited.then(() => assert.fail(`${module} ended before it was ready`)),
    ]);
    const end = async (by: NodeJS.Signals) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(by);
      await exited;
    };
    const extra: Extra = {
      pid: child.pid as number,
      ready,
      exited,
      log,
      stop: () => end('SIGTERM'),
      kill: () => end('SIGKILL'),
    };
    this.#extras.push(extra);
    return extra;
  }

  /** Living ffmpeg processes of this stack, or only those at work below one folder of its data: renders in `work`. */
  ffmpegs(folder = ''): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => worksBelow(pid, path.join(this.dataDir, folder)))
      .map(Number);
  }

  /** Waits until all assets are there and ffmpeg works: what is encoded ahead of them is another matter. */
  async untilRendering(id: string): Promise<void> {
    await until(`${id} is rendered`, async () => {
      return this.ffmpegs('work').length > 0 && (await this.video(id)).stage === 'compose';
    });
  }

  /** True while files of a run that may have ended lie in the work folder. */
  hasWorkFiles(id: string): boolean {
    return existsSync(path.join(this.dataDir, 'work', id));
  }

  /** By Temporal's own account: the video's present run, and the branches it has, or would have, for itself. */
  async runs(id: string): Promise<Record<'video' | 'audio' | 'visual', WorkflowExecutionDescription | null>> {
    const describe = (workflowId: string) => this.client.workflow.getHandle(workflowId).describe().catch(absent);
    const video = await describe(workflowIdOf(id));
    const { restored } = (video?.memo ?? {}) as Partial<VideoMemo>;
    const branch = (name: 'audio' | 'visual') => describe(branchWorkflowId(id, name, restored?.attempt ?? 1));
    return { video, audio: await branch('audio'), visual: await branch('visual') };
  }

  /** Their statuses. */
  async executions(id: string): Promise<Record<string, string>> {
    const runs = Object.entries(await this.runs(id));
    return Object.fromEntries(runs.map(([role, run]) => [role, run?.status.name ?? 'ABSENT']));
  }
}

const absent = (error: unknown): null => {
  if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
  throw error;
};

async function readyLine(output: NodeJS.ReadableStream): Promise<unknown> {
  for await (const line of createInterface({ input: output })) {
    if (!line.startsWith('{')) continue;
    const { listening, ready } = JSON.parse(line) as { listening?: string; ready?: boolean };
    if (listening !== undefined || ready === true) {
      output.resume(); // nobody reads on, and it must not stand still for that
      return listening ?? true;
    }
  }
  return undefined;
}

function worksBelow(pid: string, folder: string): boolean {
  try {
    if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return false;
    return /ffmpeg/.test(readlinkSync(`/proc/${pid}/exe`)) && readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
  } catch {
    return false; // ended while we looked
  }
}
