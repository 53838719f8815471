import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { ApplicationFailure } from '@temporalio/activity';
import type { Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { eq } from 'drizzle-orm';
import { type Activities, type ActivityDeps, createActivities } from '../../src/activities/index.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Cost } from '../../src/domain/ledger-line.ts';
import type { VideoSpec } from '../../src/domain/video-spec.ts';
import { DEFAULT_VOICE } from '../../src/domain/voice.ts';
import { Database, databaseTarget } from '../../src/database/database.ts';
import { serveEmbedded } from '../../src/database/embedded/embedded-database.ts';
import { stills } from '../../src/database/schema.ts';
import { createLog } from '../../src/log.ts';
import { createActivityDeps } from '../../src/workers/activity-deps.ts';
import { RideOutDatabase } from '../../src/workers/interceptors/ride-out-database.ts';
import { Resilience } from '../../src/workers/interceptors/resilience.ts';
import type { Client } from '../sandbox/harness.ts';

export const TENANT = 'local';

/** Temporal's word on the run that an activity belongs to: nobody has asked it to end. */
const GOES_ON = {
  withAbortSignal: <T>(_signal: AbortSignal, work: () => Promise<T>) => work(),
  withDeadline: <T>(_deadline: number, work: () => Promise<T>) => work(),
  workflow: { getHandle: () => ({ describe: async () => ({ status: { name: 'RUNNING' }, raw: {} }) }) },
} as unknown as TemporalClient;

/** A worker's activities, built as the worker builds them, with the sandbox as the paid services. */
export class Workshop {
  readonly #sandbox: Client;
  config!: Config;
  deps!: ActivityDeps;
  activities!: Activities;
  #database: Database | undefined;
  #close: () => Promise<void> = async () => {};

  constructor(sandbox: Client) {
    this.#sandbox = sandbox;
  }

  async open(dataDir: string, environment: Record<string, string>): Promise<void> {
    this.config = loadConfig({
      ...process.env,
      DATA_DIR: dataDir,
      CONFIG_DIR: '',
      ARK_API_KEY: 'a-key',
      ARK_BASE_URL: `${this.#sandbox.url}/api/v3`,
      SPEECH_API_KEY: 'a-key',
      SPEECH_BASE_URL: this.#sandbox.url,
      MCP_BRIDGE_SANDBOX: 'true',
      ...environment,
    });
    const served = await serveEmbedded(this.config);
    const database = new Database(databaseTarget({ databaseUrl: null, dataDir }));
    this.#database = database;
    this.#close = async () => {
      await database.close();
      await served.close();
    };
    this.deps = await createActivityDeps(this.config, createLog({ level: 'silent', component: 'test' }), database);
    this.activities = createActivities(this.deps);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** One attempt of an activity, behind the worker's own interceptors. */
  attempt() {
    const environment = new MockActivityEnvironment(
      { heartbeatTimeoutMs: 5_000, startToCloseTimeoutMs: 30_000 },
      {
        client: GOES_ON,
        // It would tell of every failure; the tests do.
        logger: new DefaultLogger('ERROR'),
        interceptors: [
          (context) => ({ inbound: new Resilience(context, this.config.errorHandling.retry_strategies) }),
          (context) => ({ inbound: new RideOutDatabase(context) }),
        ],
      },
    );
    return environment;
  }

  run<Input, Output>(
    activity: (input: Input) => Promise<Output>,
    input: Input,
    attempt = this.attempt(),
  ): Promise<Output> {
    return attempt.run<[Input], Output, typeof activity>(activity, input);
  }

  /** The failure that Temporal would be told of. */
  async failure<Input, Output>(
    activity: (input: Input) => Promise<Output>,
    input: Input,
  ): Promise<Pick<ApplicationFailure, 'type' | 'message' | 'nonRetryable' | 'nextRetryDelay'>> {
    try {
      await this.run(activity, input);
    } catch (error) {
      if (error instanceof ApplicationFailure) return error;
      throw error;
    }
    throw new Error('the activity did not fail');
  }

  /** The product's own account, with everything in the film. */
  account(videoId: string): Promise<Cost> {
    return this.deps.desk.cost(TENANT, videoId, () => true);
  }

  /** As if whoever kept its picture had died before it was entered in the catalogue. */
  async forgetStill(videoId: string): Promise<void> {
    await this.#database?.run((query) => query.delete(stills).where(eq(stills.videoId, videoId)));
  }

  /** What the far side has billed of a kind. */
  async billed(kind: 'chat' | 'image' | 'speech' | 'embedding') {
    return (await this.#sandbox.ledger()).lines.filter((line) => line.kind === kind);
  }
}

/** One workshop for a test file, in a folder that is removed after its tests. */
export function useWorkshop(sandbox: Client, environment: Record<string, string> = {}): Workshop {
  const workshop = new Workshop(sandbox);
  let dir = '';
  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'activities-test-'));
    await workshop.open(dir, environment);
  });
  after(async () => {
    await workshop.close();
    await rm(dir, { recursive: true, force: true });
  });
  return workshop;
}

let videos = 0;
/** Each test makes its own video. */
export const newVideoId = (): string => `v${String(++videos).padStart(26, '0')}`;

export const specOf = (change: Partial<VideoSpec> = {}): VideoSpec => ({
  theme: '怎样在阳台上种番茄',
  durationSeconds: 15,
  aspectRatio: '9:16',
  resolution: '360p',
  fps: 24,
  format: 'mp4',
  assetType: 'text_to_image',
  visualStyle: null,
  enableTts: true,
  voiceType: DEFAULT_VOICE,
  language: 'auto',
  captions: 'karaoke',
  bgm: 'auto',
  ownMaterial: [],
  referenceImage: null,
  priority: 3,
  deadline: null,
  maxCost: null,
  ...change,
});
