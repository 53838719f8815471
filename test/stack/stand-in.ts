// Stands where a program of the stack will: says that it is ready, and starts a child of its own as a worker starts
// ffmpeg. As the gateway it makes one film out of nothing, or (`slow`) one that never ends by itself.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const [name = '', behaviour = ''] = process.argv.slice(2);
if (behaviour === 'broken') {
  process.stderr.write(`${name}: a setting is missing\n`);
  process.exit(3);
}
const child = spawn('sleep', ['600']);
process.stderr.write(`${name} started ${child.pid}\n`);
process.on('SIGTERM', () => {
  if (behaviour === 'stubborn') return;
  process.stderr.write(`${name} ended in order\n`);
  process.exit(0);
});

const ID = 'v01234567890123456789abcdef';
const scene = (id: string, state: string, why: string | null = null) => ({ scene_id: id, state, why });
const branch = (...scenes: ReturnType<typeof scene>[]) => ({
  settled: scenes.filter(({ state }) => state !== 'pending').length,
  total: scenes.length,
  scenes,
});
const running = (stage: string, progress: unknown) => ({ id: ID, status: 'running', stage, waiting: null, progress });
const bothSettled = {
  audio: branch(scene('s1', 'complete'), scene('s2', 'complete')),
  visual: branch(scene('s1', 'complete'), scene('s2', 'failed', 'content_rejected')),
};
const FILM = [
  running('script', { branches: { audio: null, visual: null }, render: null }),
  running('assets', {
    branches: { audio: branch(scene('s1', 'complete'), scene('s2', 'pending')), visual: null },
    render: null,
  }),
  running('compose', { branches: bothSettled, render: { done_frames: 45, total_frames: 450 } }),
];
let views = 0;
let cancelled = false;
let orders = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const base = `http://${request.headers.host}`;
  const json = (status: number, data: unknown) =>
    response.writeHead(status).end(JSON.stringify({ success: true, data }));
  if (request.method === 'POST' && (orders += 1) === 1) {
    // Temporal is away for a moment.
    response.writeHead(503).end('{}');
  } else if (request.method === 'POST') {
    json(202, {
      id: ID,
      status: 'queued',
      stage: 'script',
      waiting: null,
      urls: { self: `${base}/api/v1/videos/${ID}` },
    });
  } else if (request.method === 'DELETE') {
    cancelled = true;
    views = 0;
    json(202, { id: ID, status: 'cancelling' });
  } else if (request.url?.endsWith('/events') === true) {
    response.writeHead(404).end('{}');
  } else if (request.url?.startsWith('/api/v1/videos/') === true) {
    const view = views++;
    if (cancelled)
      json(200, {
        id: ID,
        status: view < 2 ? 'cancelling' : 'cancelled',
        cost: view < 2 ? undefined : { currency: 'CNY', total: 0.2, lines: [{}] },
        stage: 'assets',
        waiting: null,
        progress: null,
      });
    else if (behaviour === 'failing' && view > 0) json(200, failed());
    else json(200, (behaviour === 'slow' ? FILM[Math.min(view, 1)] : FILM[view]) ?? finished(base));
  } else response.end(request.url === '/' ? name : `bytes of ${request.url}`);
}

function finished(base: string) {
  const asset = (name: string) => `${base}/api/v1/assets/${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
  return {
    ...{ id: ID, status: 'partial', stage: 'deliver', waiting: null, progress: null, title: '清晨', duration: 15 },
    ...{ video_url: asset('film'), cover_url: asset('cover'), captions_url: asset('captions'), sandbox: true },
    ...{ subtitles_url: asset('subtitles'), draft_id: null, draft_url: null },
    degradations: [
      {
        scene_id: 's2',
        what: 'picture',
        why: 'content_rejected',
        detail: 'The picture was refused.',
        replaced_by: 'picture of s1',
      },
    ],
    cost: { currency: 'CNY', total: 0.4, lines: [] },
  };
}

function failed() {
  const error = {
    ...{ code: 'no_real_pictures', message: 'No picture could be made.' },
    ...({ category: 'TEMPORARY', severity: 'medium', recovery_strategy: 'retry_later' } as const),
  };
  return {
    id: ID,
    status: 'failed',
    stage: 'assets',
    waiting: null,
    progress: null,
    error,
    degradations: [],
    cost: null,
  };
}

const port = name === 'gateway' ? Number(process.env['GATEWAY_PORT']) : 0;
createServer(answer).listen(port, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify(name === 'worker' ? { ready: true } : { listening: `port ${port}` })}\n`);
});
