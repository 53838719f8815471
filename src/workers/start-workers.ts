import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import type { Info } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { BreakerBoard } from '../breakers/board.ts';
import { Breakers } from '../breakers/breakers.ts';
import { ConfigError, type Config } from '../config.ts';
import { servicesWithSeveralWays } from '../channels/several-ways.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { ORCHESTRATION, QUEUES, RENDER, type Queue } from '../domain/queues.ts';
import type { Service } from '../domain/service.ts';
import type { Logger } from '../log.ts';
import { connectionOptions } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { createReadModel } from '../read-model/read-model.ts';
import { cutOffOf } from '../temporal/last-failure.ts';
import type { AskTemporal } from '../temporal/run-record.ts';
import { registerSearchAttributes } from '../temporal/search-attributes.ts';
import { createActivityDeps } from './activity-deps.ts';
import { AdaptiveRate } from './adaptive-rate.ts';
import { BUNDLE_PATH, bundleWorkflows } from './bundle.ts';
import { ActiveTasks } from './interceptors/active-tasks.ts';
import { AttemptLimit } from './interceptors/attempt-limit.ts';
import { HEARTBEAT_MS, Resilience } from './interceptors/resilience.ts';
import { RideOutDatabase } from './interceptors/ride-out-database.ts';
import { keepReaped } from './reaper.ts';
import { renderSlotsOf, type Machine } from './render-slots.ts';
import { installRuntime } from './runtime.ts';
import { Teller } from './teller.ts';
import { serveMetrics, WorkerMetrics } from './worker-metrics.ts';

/** A worker that is gone must not hold its runs: their next task goes to any worker after this. */
const STICKY_TIMEOUT = '2s';

/** What is shorter ends by itself when the worker is told to: no attempt of it fails. */
const GRACE = '8s';

/** Waiting for a provider's task costs nothing but a slot. */
const WAITING_SLOTS = 500;

/** Receivers are waited for, some for long; each holds a slot and a socket. */
const WEBHOOK_SLOTS = 20;

/** For one question to Temporal about a run that closes. */
const ASK_MS = 2_000;

/** What runs have told last is written before the process ends, if it can be in this time. */
const DRAIN_MS = 1_000;

/** Glue activities: short, and bound by the disk. */
const ORCHESTRATION_SLOTS = 50;

/** Something paid was still under way: as after a kill, it may have to be bought once more. */
class StopTookTooLong extends Error {
  override readonly name = 'StopTookTooLong';

  constructor(seconds: number) {
    super(`not everything that was under way has ended within ${seconds} s (WORKER_STOP_SECONDS)`);
  }
}

export interface RunningWorkers {
  /** Resolves when all have stopped; rejects when one fails, or what is under way at a stop does not end in time. */
  done: Promise<void>;
  stop(): Promise<void>;
}

/** One Temporal worker per task queue of this process. Resolves when they poll. */
export async function startWorkers(config: Config, log: Logger): Promise<RunningWorkers> {
  const queues = config.workerQueues.map(queueNamed);
  const { sdkMetricsPort } = await installRuntime(log);
  const metrics = new WorkerMetrics();
  const server = serveMetrics(metrics, {
    host: config.metricsHost,
    port: config.ports.metrics,
    sdkPort: sdkMetricsPort,
    onError: (error) => log.warn({ err: error }, 'metrics are not served: METRICS_PORT cannot be used'),
  });
  const dataConverter = await createDataConverter(config.temporal.payloadCodecModule);
  await prepareNamespace(config);

  const connection = await NativeConnection.connect(connectionOptions(config.temporal));
  // Connects when something is bought: a worker starts while the database is away.
  const database = new Database(databaseTarget(config));
  const identity = `mcp-bridge-worker ${config.version} ${process.pid}@${hostname()}`;
  const breakers = new Breakers(config.circuitBreakers, {
    onChange: ({ name, state }) => {
      log.warn({ service: name, state }, 'a circuit breaker has changed');
      board.tell();
    },
    onCall: (seen) => rates.note(seen),
    severalWays: servicesWithSeveralWays(config),
  });
  metrics.showBreakers(() => breakers.report());
  const board = new BreakerBoard(database, `${identity} ${randomUUID()}`, () => breakers.report());
  const deps = await createActivityDeps(config, log, database, {
    guard: breakers,
    onFallback: ({ key, served, passedOver }) => {
      const { videoId, sceneId, purpose } = key;
      log.warn({ videoId, sceneId, purpose, served, passedOver }, 'another channel than the first has served');
      for (const { channel, why } of passedOver) metrics.countFallback({ purpose, channel, served, why });
    },
    onDraftFallback: (fallback) => metrics.draftFallbacks.inc(fallback),
    onWebhook: ({ outcome }) => metrics.webhooks.inc({ outcome }),
  });
  const activities = createActivities(deps);
  const client = new Client({ connection, namespace: config.temporal.namespace, dataConverter });
  const askTemporal: AskTemporal = (ask) => client.withDeadline(Date.now() + ASK_MS, () => ask(client));
  const rates = new AdaptiveRate({
    queues: queuesOfServices(queues, config),
    settings: config.errorHandling.adaptive_rate,
    ...{ askTemporal, log },
    onRate: (queue, perSecond) => metrics.showRate(queue, perSecond),
  });
  const cutOff = (info: Info) => cutOffOf(askTemporal, info);
  const model = createReadModel(database, {
    redisUrl: config.redisUrl,
    onRedisFault: (code) => log.warn({ code }, 'Redis is away: events are found a little later'),
  });
  const teller = new Teller({ model, askTemporal, log });
  const shared: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace: config.temporal.namespace,
    dataConverter,
    activities,
    identity,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
    // What is not paid ends then, and is tried again elsewhere.
    shutdownGraceTime: GRACE,
    interceptors: {
      activity: [
        (context) => ({ inbound: new ActiveTasks(context, metrics) }),
        (context) => ({ inbound: new AttemptLimit(context, cutOff) }),
        (context) => ({ inbound: new Resilience(context, config.errorHandling.retry_strategies) }),
        (context) => ({ inbound: new RideOutDatabase(context) }),
      ],
    },
  };
  const workers = await Promise.all(
    queues.map(async (queue) =>
      Worker.create({
        ...shared,
        taskQueue: queue,
        maxConcurrentActivityTaskExecutions: slotsOf(queue, config),
        // A render takes longer than any grace, and its successor goes on with the pieces that are done: handed over at once.
        ...(queue === RENDER ? { shutdownGraceTime: 0 } : {}),
        ...(queue === ORCHESTRATION ? { workflowBundle: { code: await workflowBundle() }, sinks: teller.sinks } : {}),
      }),
    ),
  );
  const stopping = new AbortController();
  const reaping = keepReaped({ workDir: deps.workDir, askTemporal, log, signal: stopping.signal });
  const ended = Promise.all(workers.map((worker) => worker.run())).then(async () => {
    rates.stop();
    stopping.abort();
    await reaping;
    await deps.desk.idle();
    await teller.drain(DRAIN_MS);
    await deps.close();
    await connection.close();
    await board.leave();
    model.bell.close();
    await database.close();
    server.close();
  });
  const tooLong = new Promise<never>((_resolve, reject) => {
    stopping.signal.addEventListener('abort', () => {
      const why = new StopTookTooLong(config.workerStopSeconds);
      setTimeout(() => reject(why), config.workerStopSeconds * 1000).unref();
    });
  });
  const done = Promise.race([ended, tooLong]);
  return {
    done,
    stop: () => {
      stopping.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      return done;
    },
  };
}

async function prepareNamespace({ temporal }: Config): Promise<void> {
  const connection = await Connection.connect(connectionOptions(temporal));
  await registerSearchAttributes(connection, temporal.namespace);
  await connection.close();
}

function queueNamed(name: string): Queue {
  const queue = QUEUES.find((known) => known === name);
  if (queue === undefined)
    throw new ConfigError(`WORKER_QUEUES: unknown queue "${name}"; known are ${QUEUES.join(', ')}`);
  return queue;
}

/** Whose rate of calls is the rate of a queue's tasks. Scripts are few, and share a queue with what calls nobody. */
function queuesOfServices(served: Queue[], { parallel }: Config): Partial<Record<Service, Queue>> {
  const queues = {
    doubao_speech: parallel.audio_branch.queue_name,
    doubao_text2image: parallel.visual_branch.queue_name,
  };
  return Object.fromEntries(
    Object.entries(queues).filter(([, queue]) => served.includes(queue) && queue !== ORCHESTRATION),
  );
}

function slotsOf(queue: Queue, config: Config): number {
  switch (queue) {
    case 'orchestration':
      return ORCHESTRATION_SLOTS;
    case 'audio_processing':
    case 'visual_processing':
      return config.parallel.resource_pools.doubao_api.max_connections;
    case 'visual_waiting':
      return WAITING_SLOTS;
    case 'capcut':
      return config.parallel.resource_pools.capcut_api.max_connections;
    case 'render':
      return config.renderSlots ?? renderSlotsOf(thisMachine());
    case 'webhooks':
      return WEBHOOK_SLOTS;
  }
}

/** A container's limit of memory counts; where there is none, Node tells a number beyond all memory, or none. */
const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Infinity),
});

/** Bundled ahead by the build; from source in development. */
async function workflowBundle(): Promise<string> {
  return existsSync(BUNDLE_PATH) ? readFileSync(BUNDLE_PATH, 'utf8') : bundleWorkflows();
}
