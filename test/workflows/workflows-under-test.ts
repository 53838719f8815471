import { readFileSync } from 'node:fs';
import type { Info } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { type InjectedSinks, NativeConnection, Worker } from '@temporalio/worker';
import { ulid } from 'ulid';
import type { GenerateVideoInput } from '../../src/domain/generate-video.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import type { Progress } from '../../src/domain/progress.ts';
import { CAPCUT, ORCHESTRATION, RENDER, type Queue } from '../../src/domain/queues.ts';
import type { VideoResult } from '../../src/domain/video-result.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { cutOffOf } from '../../src/temporal/last-failure.ts';
import { AttemptLimit } from '../../src/workers/interceptors/attempt-limit.ts';
import type { generateVideo } from '../../src/workflows/generate-video.ts';
import { progressQuery } from '../../src/workflows/messages.ts';
import type { TellingSinks } from '../../src/workflows/telling.ts';
import { startTemporal, temporalClient } from '../api/temporal-server.ts';
import { builtProgram } from '../built-program.ts';
import { until } from '../until.ts';
import { quietRuntime } from '../replay/quiet-runtime.ts';
import { type Batch, FakeActivities, type Plan } from './fake-activities.ts';

const QUEUES_USED: Queue[] = [ORCHESTRATION, 'audio_processing', 'visual_processing', 'visual_waiting', CAPCUT, RENDER];

interface Serving {
  /** Nobody takes their tasks until `serve` is called. */
  unserved?: Queue[];
  /** How many at once; as many as there are unless said. */
  slots?: Partial<Record<Queue, number>>;
}

/** The product's workflows on a real Temporal server, with activities that do what a test says. Waits come from the input. */
export async function startWorkflows({ unserved = [], slots = {} }: Serving = {}) {
  quietRuntime();
  const fakes = new FakeActivities();
  const server = await startTemporal();
  const code = readFileSync(builtProgram('workflow-bundle.js'), 'utf8');
  const client = await temporalClient(server.address);
  const connection = await NativeConnection.connect({ address: server.address });
  const dataConverter = await createDataConverter(null);
  const cutOff = (info: Info) => cutOffOf((ask) => ask(client), info);
  const workers: Worker[] = [];
  const running: Promise<void>[] = [];
  const serve = async (taskQueue: Queue): Promise<void> => {
    const worker = await Worker.create({
      ...{ connection, taskQueue, dataConverter, activities: fakes.activities },
      ...(slots[taskQueue] === undefined ? {} : { maxConcurrentActivityTaskExecutions: slots[taskQueue] }),
      interceptors: { activity: [(context) => ({ inbound: new AttemptLimit(context, cutOff) })] },
      // Cancellation comes with a heartbeat; as in the product, it must not wait for the SDK's throttle.
      ...{ defaultHeartbeatThrottleInterval: '100ms', maxHeartbeatThrottleInterval: '100ms' },
      ...(taskQueue === ORCHESTRATION ? { workflowBundle: { code }, sinks: untold } : {}),
    });
    workers.push(worker);
    running.push(worker.run());
  };
  await Promise.all(QUEUES_USED.filter((queue) => !unserved.includes(queue)).map(serve));
  return {
    serve,
    start: (plan: Plan, change: (input: GenerateVideoInput) => void = () => {}) => {
      const input = structuredClone(INPUT);
      input.videoId = `v${ulid()}`;
      change(input);
      fakes.plan(input.videoId, plan);
      return RunUnderTest.start(client, fakes, input);
    },
    stop: async () => {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(running);
      await connection.close();
      await client.connection.close();
      await server.stop();
    },
  };
}

export type Workflows = Awaited<ReturnType<typeof startWorkflows>>;

/** One run: what it does to be seen from outside, and what can be done to it. */
export class RunUnderTest {
  readonly #client: Client;
  readonly #fakes: FakeActivities;
  readonly #videoId: string;
  readonly handle: WorkflowHandle<typeof generateVideo>;

  private constructor(client: Client, fakes: FakeActivities, videoId: string) {
    this.#client = client;
    this.#fakes = fakes;
    this.#videoId = videoId;
    this.handle = client.workflow.getHandle(workflowIdOf(videoId));
  }

  static async start(client: Client, fakes: FakeActivities, input: GenerateVideoInput): Promise<RunUnderTest> {
    const options = {
      taskQueue: ORCHESTRATION,
      workflowId: workflowIdOf(input.videoId),
      args: [input] as [typeof input],
    };
    await client.workflow.start<typeof generateVideo>('generateVideo', options);
    return new RunUnderTest(client, fakes, input.videoId);
  }

  result = (): Promise<VideoResult> => this.handle.result();

  branch = (branch: 'audio' | 'visual'): WorkflowHandle =>
    this.#client.workflow.getHandle(branchWorkflowId(this.#videoId, branch, 1));

  progress = (): Promise<Progress> => this.handle.query(progressQuery);

  /** Waits until the parent has heard of so many scenes. */
  async settled(wanted: { audio: number; visual: number }): Promise<void> {
    await until(`settled: ${JSON.stringify(wanted)}`, async () => {
      const { audio, visual } = (await this.progress()).branches;
      return audio?.settled === wanted.audio && visual?.settled === wanted.visual;
    });
  }

  async begun(activity: string): Promise<void> {
    await until(`${activity} is begun`, () => this.calls().includes(activity));
  }

  calls = (): string[] => this.#fakes.callsOf(this.#videoId);

  batches = (): Batch[] => this.#fakes.batchesOf(this.#videoId);

  mostStillsAtOnce = (): number => this.#fakes.mostStillsAtOnce(this.#videoId);

  /** Status by Temporal's account, once it is no longer running. */
  async end(handle: WorkflowHandle = this.handle): Promise<string> {
    let status = 'RUNNING';
    await until(
      `${handle.workflowId} ends`,
      async () => (status = (await handle.describe()).status.name) !== 'RUNNING',
    );
    return status;
  }
}

/** What runs tell of themselves is another test's matter. */
const untold: InjectedSinks<TellingSinks> = { readModel: { hear: { fn: () => {} } } };

/** A film of clips. */
export function ofClips({ spec, policy }: GenerateVideoInput): void {
  spec.assetType = 'text_to_video';
  policy.clips = { timeoutSeconds: 60 };
}

const branch = (queueName: Queue) => ({ maxConcurrentTasks: 5, timeoutSeconds: 30, retryAttempts: 3, queueName });

/** Two scenes, all defaults, and more time than any test takes. */
const INPUT: GenerateVideoInput = {
  videoId: '',
  tenant: 'local',
  spec: {
    theme: 'A watch',
    durationSeconds: 5,
    aspectRatio: '9:16',
    resolution: '360p',
    fps: 30,
    format: 'mp4',
    assetType: 'text_to_image',
    visualStyle: null,
    enableTts: true,
    voiceType: 'any',
    language: 'en',
    captions: 'karaoke',
    bgm: 'auto',
    ownMaterial: [],
    referenceImage: null,
    priority: 3,
    deadline: null,
    maxCost: null,
  },
  canvas: { width: 360, height: 640 },
  policy: {
    audio: branch('audio_processing'),
    visual: branch('visual_processing'),
    sync: { timeoutSeconds: 60, requiredBranches: ['audio', 'visual'], failureStrategy: 'partial_continue' },
    minRealPictures: 1,
  },
};
