import { jsonAnswer, type AcceptedCall, type Generated, type IncomingCall, type Route } from '../call.ts';
import { seeded } from '../seeded.ts';
import { arkFailure } from './envelope.ts';
import { invalid, passKey } from './gate.ts';
import type { PictureStore } from './picture-store.ts';
import { FPS, readVideoRequest } from './video-request.ts';
import type { TaskState, VideoTask, VideoTasks } from './video-tasks.ts';

const TASKS = '/api/v3/contents/generations/tasks';

interface VideoSettings {
  seed: number;
  tasks: VideoTasks;
  store: PictureStore;
}

/** Moving pictures: ordered by one call, asked for by others. */
export function videoRoutes(settings: VideoSettings): Route[] {
  const failure: Route['failure'] = (given, call) => arkFailure(given, call.requestId);
  return [
    { name: 'video', path: TASKS, failure, accept: (call) => acceptCreate(settings, call) },
    { name: 'video_list', method: 'get', path: TASKS, failure, accept: (call) => acceptList(settings, call) },
    { name: 'video_task', method: 'get', path: `${TASKS}/:id`, failure, accept: (call) => acceptGet(settings, call) },
    {
      ...{ name: 'video_cancel', method: 'delete', path: `${TASKS}/:id`, failure },
      accept: (call) => acceptRemove(settings, call),
    },
  ];
}

/** Costs nothing: a task is billed when it has succeeded. */
function acceptCreate({ seed, tasks }: VideoSettings, call: IncomingCall): AcceptedCall {
  const request = readVideoRequest(call);
  return {
    text: request.prompt,
    delayMs: seeded(seed, 'video-create', request.prompt).between(300, 1_000),
    work: async (fault) => {
      const { id } = tasks.create(request, { fate: fault?.task ?? {}, requestId: call.requestId });
      return free({ id });
    },
  };
}

function acceptGet({ tasks, store }: VideoSettings, call: IncomingCall): AcceptedCall {
  passKey(call);
  const task = tasks.get(idIn(call));
  return {
    ...{ text: textOf(task), delayMs: 50 },
    work: async () => free({ ...bodyOf(task, { store, call }), ...shapeOf(task), error: task.error }),
  };
}

function acceptRemove({ tasks }: VideoSettings, call: IncomingCall): AcceptedCall {
  passKey(call);
  const task = tasks.get(idIn(call));
  return {
    ...{ text: textOf(task), delayMs: 50 },
    work: async () => {
      tasks.remove(task.id);
      return free({});
    },
  };
}

const STATES: readonly TaskState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired'];

function acceptList({ tasks, store }: VideoSettings, call: IncomingCall): AcceptedCall {
  passKey(call);
  const { query } = call;
  const page = numberIn(query, 'page_num', { fallback: 1, most: 500 });
  const size = numberIn(query, 'page_size', { fallback: 20, most: 500 });
  const status = query.get('filter.status');
  if (status !== null && !STATES.some((state) => state === status))
    throw invalid('filter.status', 'The parameter `filter.status` specified in the request is not valid.');
  const ids = query.getAll('filter.task_ids');
  const model = query.get('filter.model');
  const tier = query.get('filter.service_tier');
  return {
    ...{ text: query.toString(), delayMs: 50 },
    work: async () => {
      const found = tasks
        .list()
        .filter((task) => status === null || task.state === status)
        .filter((task) => ids.length === 0 || ids.includes(task.id))
        .filter((task) => model === null || task.request.modelId === model)
        .filter(() => tier === null || tier === 'default');
      const items = found.slice((page - 1) * size, page * size);
      // As the vendor's Go client reads them: without shape, and with another word for the error.
      return free({
        total: found.length,
        items: items.map((task) => ({ ...bodyOf(task, { store, call }), failure_reason: task.error })),
      });
    },
  };
}

function bodyOf(
  { id, request, state, file, tokens, createdAt, updatedAt, seed }: VideoTask,
  { store, call }: { store: PictureStore; call: IncomingCall },
) {
  return {
    ...{ id, model: request.modelId, status: state },
    ...(file === null ? {} : { content: { video_url: store.link(file, call.origin) } }),
    ...(tokens === null ? {} : { usage: { completion_tokens: tokens, total_tokens: tokens } }),
    ...{ created_at: Math.floor(createdAt / 1000), updated_at: Math.floor(updatedAt / 1000) },
    ...(seed === null ? {} : { seed }),
    ...{ service_tier: 'default', execution_expires_after: request.expiresAfterSeconds },
  };
}

const shapeOf = ({ request: { resolution, ratio, seconds, frames, audio } }: VideoTask) => ({
  ...{ resolution, ratio, framespersecond: FPS },
  ...(seconds === null ? { frames } : { duration: seconds }),
  ...(audio === null ? {} : { generate_audio: audio }),
});

const idIn = ({ path }: IncomingCall): string => decodeURIComponent(path.split('/').at(-1) ?? '');
const textOf = ({ id, request }: VideoTask): string => `${id} ${request.prompt}`;

function numberIn(query: URLSearchParams, param: string, { fallback, most }: { fallback: number; most: number }) {
  const given = query.get(param);
  const value = given === null ? fallback : Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(param, `The parameter \`${param}\` specified in the request is not valid: 1 to ${most} expected.`);
}

const free = (value: unknown): Generated => ({ answer: jsonAnswer(200, value), units: 0, usage: {} });
