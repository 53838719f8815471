import { json, startHost } from '../../src/providers/testing/local-host.ts';

type State = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

const TASKS = '/api/v3/contents/generations/tasks';

/** Ark's tasks on a real socket, in the form that its documents give them; what becomes of one, the test says. */
export async function arkTasks() {
  const created: Record<string, unknown>[] = [];
  const states = new Map<string, { state: State; body: Record<string, unknown> }>();

  const shown = (id: string) => {
    const { state, body } = states.get(id) ?? { state: 'queued', body: {} };
    return {
      ...{ id, model: body['model'], status: state, seed: body['seed'], created_at: 1_743_414_619 },
      ...(state === 'succeeded'
        ? { content: { video_url: 'https://example.com/a.mp4?sign=1' }, usage: { completion_tokens: 108_900 } }
        : {}),
      ...(state === 'failed' ? { error: { code: 'OutputVideoSensitiveContentDetected', message: 'x' } } : {}),
    };
  };
  const missing = json(404, { error: { code: 'NotFound.Task', message: 'no such task', type: 'NotFound' } });

  const host = await startHost((response, request) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const id = pathname.slice(TASKS.length + 1);
    if (request.method === 'POST' && pathname === TASKS) {
      const body = JSON.parse(host.requests.at(-1)!.body) as Record<string, unknown>;
      created.push(body);
      const made = `cgt-20250629201507-${String(created.length).padStart(5, '0')}`;
      states.set(made, { state: 'queued', body });
      json(200, { id: made })(response, request);
    } else if (request.method === 'GET' && pathname === TASKS) {
      json(200, { total: states.size, items: [...states.keys()].map(shown) })(response, request);
    } else if (!states.has(id)) {
      missing(response, request);
    } else if (request.method === 'DELETE') {
      const task = states.get(id)!;
      // One verb, two meanings.
      if (task.state === 'queued') task.state = 'cancelled';
      else states.delete(id);
      json(200, {})(response, request);
    } else json(200, shown(id))(response, request);
  });
  return {
    ...{ url: host.url, created, close: host.close },
    settle: (id: string, state: State) => void (states.get(id)!.state = state),
  };
}
