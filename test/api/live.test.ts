import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { COMMAND_NAMES, type WsMessage } from '../../src/contract/commands.ts';
import type { LiveEvent, VideoSnapshot, VideosSnapshot } from '../../src/contract/live.ts';
import { QUERY_NAMES } from '../../src/contract/queries.ts';
import type { VideoIdentity } from '../../src/domain/video-record.ts';
import { StillCatalogue } from '../../src/store/still-catalogue.ts';
import { tellEnded, tellReport } from '../../src/read-model/tell.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';
import { endingOf, newVideo, reportOf, STORY } from '../read-model/model.ts';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';

interface Answer {
  id: unknown;
  ok: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  result: any;
  error: { code: string; message: string; details: { field: string }[] };
}

/** A client of the WebSocket: asks, and keeps what it is sent. */
async function dial(gateway: TestGateway, headers: Record<string, string> = {}) {
  const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/v1/live`, { headers });
  const heard: (WsMessage & { type?: string })[] = [];
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  ws.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString()) as WsMessage));
  await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject));
  await until('it is greeted', () => heard[0]?.type === 'hello');
  let last = 0;
  const answered = async (id: unknown): Promise<Answer> => {
    const found = () => heard.find((message) => 'ok' in message && message.id === id);
    await until(`${String(id)} is answered`, () => found() !== undefined);
    return found() as unknown as Answer;
  };
  const ask = (command: string, params?: unknown): Promise<Answer> => {
    const id = ++last;
    ws.send(JSON.stringify({ id, command, params }));
    return answered(id);
  };
  const events = (topic: string) =>
    heard.flatMap((message) =>
      'topic' in message && message.topic === topic ? [message as unknown as LiveEvent] : [],
    );
  return { ws, heard, closed, ask, answered, events };
}

/** What a stream of server-sent events has sent so far. */
async function listen(gateway: TestGateway, path: string, headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const response = await fetch(`${gateway.url}${path}`, { headers, signal: leave.signal });
  const told: { id: number; event: string; data: unknown }[] = [];
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        if (data !== undefined) told.push({ id: Number(id), event: event!, data: JSON.parse(data) });
      }
    }
  })().catch(() => {});
  const left = async () => {
    leave.abort();
    await reading;
  };
  return { status: response.status, told, left, ended: reading };
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n + 1);

describe('live events', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  let other: TestGateway;

  before(
    async () => {
      database = await startEmbedded();
      gateway = await startTestGateway(noTemporal(), database.environment);
      other = await startTestGateway(noTemporal(), database.environment);
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await gateway.stop();
    await other.stop();
    await database.stop();
  });

  /** The run has told of so much of its story. */
  const tell = (video: VideoIdentity, count: number, by = gateway) =>
    tellReport(by.model, video, reportOf(video, count));
  const end = (video: VideoIdentity) => tellEnded(gateway.model, video, endingOf());

  it('begin for whoever comes late with a snapshot, and go on without a gap, at another gateway too', async () => {
    const video = newVideo();
    await tell(video, 2);
    const early = await listen(gateway, '/api/v1/events');
    await until('it has its snapshot', () => early.told.length > 0);
    const [{ event, id: seq, data }] = early.told as [(typeof early.told)[0]];
    const snapshot = data as VideosSnapshot;
    assert.deepEqual([event, seq], ['snapshot', snapshot.seq]);
    assert.deepEqual([snapshot.videos[0]?.id, snapshot.videos[0]?.stage], [video.id, 'script']);

    await tell(video, 4);
    await until('it is told', () => early.told.length === 3);
    await early.left();
    await tell(video, 5, other);
    const again = await listen(other, '/api/v1/events', { 'last-event-id': String(early.told.at(-1)?.id) });
    await tell(video, 6, other);
    await end(video);
    await until('all of it is told', () => again.told.at(-1)?.event === 'ended');
    const all = [...early.told, ...again.told];
    assert.deepEqual(
      all.map(({ id }) => id),
      [seq, ...upTo(seq, seq + 5)],
    );
    assert.deepEqual(
      all.slice(1).map(({ data: sent }) => [(sent as LiveEvent).video_id, (sent as LiveEvent).event.id]),
      upTo(2, 7).map((id) => [video.id, id]),
    );
    await again.left();
  });

  it('begin anew for a place that was never given, and refuse one that is none', async () => {
    const stream = await listen(gateway, '/api/v1/events?after=999999999');
    await until('it has a snapshot', () => stream.told[0]?.event === 'snapshot');
    await stream.left();
    const wrong = await gateway.request('GET', '/api/v1/events', { headers: { 'last-event-id': 'x' } });
    assert.deepEqual([wrong.status, wrong.json.error.details[0].field], [400, 'Last-Event-ID']);
  });

  it('of one video begin with its snapshot where that is asked for, and end with it', async () => {
    const video = newVideo();
    await tell(video, 4);
    const stream = await listen(gateway, `/api/v1/videos/${video.id}/events?snapshot=true`);
    await until('it has its snapshot', () => stream.told.length > 0);
    const snapshot = stream.told[0]!.data as VideoSnapshot;
    assert.deepEqual([snapshot.last_event_id, snapshot.video.stage], [4, 'assets']);
    await tell(video, STORY.length);
    await end(video);
    await stream.ended;
    assert.deepEqual(
      stream.told.map(({ id }) => id),
      [4, 5, 6, 7],
    );
    assert.equal(stream.told.at(-1)?.event, 'ended');
  });

  it('go on after the gateway was restarted, each once', async () => {
    const video = newVideo();
    const first = await startTestGateway(noTemporal(), database.environment);
    const ws = await dial(first);
    const stream = await listen(first, '/api/v1/events');
    await until('it listens', () => stream.told.length === 1);
    const subscribed = await ws.ask('subscribe', { topic: 'videos' });
    await tell(video, 3);
    await until('both are told', () => stream.told.length === 4 && ws.events('videos').length === 3);
    await first.stop();
    assert.equal(await ws.closed, 1001);
    await stream.ended;
    await tell(video, 5);
    const second = await startTestGateway(noTemporal(), database.environment);
    const resumed = await listen(second, '/api/v1/events', { 'last-event-id': String(stream.told.at(-1)?.id) });
    const again = await dial(second);
    const { result } = await again.ask('subscribe', { topic: 'videos', after: ws.events('videos').at(-1)?.seq });
    assert.equal(result.snapshot, null);
    await tell(video, 6);
    await until('the rest is told', () => resumed.told.length === 3 && again.events('videos').length === 3);
    const from = subscribed.result.after as number;
    assert.deepEqual(
      [...ws.events('videos'), ...again.events('videos')].map(({ seq }) => seq),
      upTo(from, from + 6),
    );
    await resumed.left();
    again.ws.close();
    await second.stop();
  });

  it('are the same over the WebSocket, for one video and for all, until unsubscribed', async () => {
    const video = newVideo();
    await tell(video, 1);
    const ws = await dial(gateway);
    const one = await ws.ask('subscribe', { topic: video.id });
    assert.deepEqual([one.result.after, one.result.snapshot.video.id], [1, video.id]);
    const whole = await ws.ask('subscribe', { topic: video.id, snapshot: false });
    assert.deepEqual([whole.result.after, whole.result.snapshot], [0, null]);
    await ws.ask('subscribe', { topic: 'videos' });
    await tell(video, 3);
    await until('it is told of both', () => ws.events(video.id).length === 3 && ws.events('videos').length === 2);
    assert.deepEqual(
      ws.events(video.id).map(({ event }) => event.id),
      [1, 2, 3],
    );
    assert.deepEqual((await ws.ask('unsubscribe', { topic: 'videos' })).result, { topic: 'videos', subscribed: true });
    assert.equal((await ws.ask('unsubscribe', { topic: 'videos' })).result.subscribed, false);
    await tell(video, 5);
    await until('it is told of the one', () => ws.events(video.id).length === 5);
    assert.equal(ws.events('videos').length, 2);
    await ws.ask('subscribe', { topic: 'stats' });
    await until('figures come by themselves', () => ws.heard.some(({ type }) => type === 'stats_update'));
    ws.ws.close();
  });

  it('come with commands that answer what the routes answer', async () => {
    const video = newVideo();
    await tell(video, 2);
    const ws = await dial(gateway);
    const stranger = newVideo().id;
    assert.ok(Date.parse((await ws.ask('ping')).result.at) > 0);
    const { commands, queries } = (await ws.ask('list_commands')).result;
    assert.deepEqual(
      commands.map(({ command }: { command: string }) => command),
      COMMAND_NAMES,
    );
    assert.deepEqual(
      queries.map(({ query }: { query: string }) => query),
      QUERY_NAMES,
    );
    const { videos } = (await ws.ask('list_videos', { limit: 100 })).result;
    assert.ok(videos.some(({ id }: { id: string }) => id === video.id));
    assert.equal((await ws.ask('get_stats', { window: '24h' })).result.windows[0].window, '24h');
    for (const [command, params] of [
      ['get_video', { id: video.id }],
      ['cancel_video', { id: video.id }],
      ['get_queues', {}],
      ['get_workers', {}],
    ] as const) {
      const { ok, result, error } = await ws.ask(command, params);
      if (ok) assert.equal(result.id, video.id);
      else assert.equal(error.code, 'TEMPORAL_UNAVAILABLE', command);
    }
    assert.equal((await ws.ask('subscribe', { topic: stranger })).error.code, 'TEMPORAL_UNAVAILABLE');
    ws.ws.close();
  });

  it('answer declared queries from what was made, never SQL', async () => {
    const still = async (prompt: string) => {
      const image = await gateway.store.put(Buffer.from(prompt), 'image/png');
      await new StillCatalogue(database.database, gateway.store).add({
        ...{ tenant: 'local', videoId: newVideo().id, sceneId: 's1', prompt, style: null, aspectRatio: '9:16' },
        ...{ referenceImage: null, still: { image, width: 720, height: 1280, model: 'm' } },
      });
      return image.sha256;
    };
    const cat = await still('An orange cat sleeps on a sunny window sill');
    await still('A ship in a storm at night, high waves');
    const now = new Date().toISOString();
    const failed = newVideo({ createdAt: now, runStartedAt: now });
    const failure = { code: 'no_real_pictures', message: 'None', degradations: [] };
    const ws = await dial(gateway);
    await tellEnded(gateway.model, failed, endingOf({ status: 'failed', result: null, failure, finishedAt: now }));
    const film = newVideo({ createdAt: now, runStartedAt: now });
    await tellEnded(gateway.model, film, endingOf({ finishedAt: now }));
    const rows = async (query: string, params = {}) => {
      const { ok, result, error } = await ws.ask('execute_query', { query, params });
      assert.ok(ok, JSON.stringify(error));
      return result.rows;
    };
    const near = await rows('similar_pictures', { text: 'a ginger cat napping at the window', limit: 1 });
    assert.equal(near[0].asset_id, cat);
    assert.deepEqual((await rows('failures'))[0].code, 'no_real_pictures');
    assert.ok((await rows('degradations')).length > 0);
    assert.ok((await rows('slowest_videos')).some(({ id }: { id: string }) => id === film.id));
    assert.deepEqual(await rows('spending'), []);
    const injected = await ws.ask('execute_query', { query: 'select 1', params: {} });
    assert.deepEqual([injected.error.code, injected.error.details[0]?.field], ['INVALID_REQUEST', 'query']);
    const wrong = await ws.ask('execute_query', { query: 'failures', params: { limit: 1000 } });
    assert.deepEqual([wrong.error.code, wrong.error.details[0]?.field], ['INVALID_REQUEST', 'limit']);
    ws.ws.close();
  });

  it('refuse what is wrong in words, and stay open', async () => {
    const ws = await dial(gateway);
    const unread = () => ws.heard.filter((message) => 'ok' in message && message.id === null) as unknown as Answer[];
    ws.ws.send('{"id":');
    ws.ws.send(Buffer.from([1, 2, 3]));
    ws.ws.send('[]');
    await until('all are refused', () => unread().length === 3);
    assert.deepEqual(
      unread().map(({ error }) => error.code),
      ['INVALID_JSON', 'INVALID_JSON', 'INVALID_REQUEST'],
    );
    assert.equal((await ws.ask('drop_everything')).error.code, 'COMMAND_NOT_FOUND');
    assert.equal((await ws.ask('__proto__')).error.code, 'COMMAND_NOT_FOUND');
    const named = await ws.ask('get_video', { id: 'x', more: 1 });
    assert.deepEqual(named.error.details.map(({ field }) => field).sort(), ['id', 'more']);
    ws.ws.send(JSON.stringify({ id: 'mine', command: 'ping', extra: 1 }));
    assert.deepEqual((await ws.answered('mine')).error.details[0]?.field, 'extra');
    assert.ok((await ws.ask('ping')).ok);
    for (let n = 0; n < 100; n++) ws.ws.send(JSON.stringify({ id: `n${n}`, command: 'ping' }));
    const codes = await Promise.all(upTo(-1, 99).map(async (n) => (await ws.answered(`n${n}`)).error?.code));
    assert.ok(codes.includes('TOO_MANY_MESSAGES'));
    await until('it is heard again', async () => (await ws.ask('ping')).ok);
    ws.ws.send('x'.repeat(70_000));
    assert.equal(await ws.closed, 1009);
  });

  it('are not for pages of strangers, nor for plain requests, nor for more than there is room for', async () => {
    const foreign = dial(gateway, { origin: 'https://evil.example' });
    await assert.rejects(foreign, /403/);
    const own = await dial(gateway, { origin: gateway.url });
    own.ws.close();
    const plain = await gateway.request('GET', '/api/v1/live');
    assert.deepEqual([plain.status, plain.headers.get('upgrade')], [426, 'websocket']);

    const small = await startTestGateway(noTemporal(), {
      ...database.environment,
      ...{ LIVE_MAX_CONNECTIONS: '2', WS_ALLOWED_ORIGINS: 'https://app.example.com' },
    });
    const named = await dial(small, { origin: 'https://app.example.com' });
    const stream = await listen(small, '/api/v1/events');
    const refused = await small.request('GET', '/api/v1/events');
    assert.deepEqual([refused.status, refused.json.error.code], [503, 'TOO_MANY_STREAMS']);
    assert.equal(refused.headers.get('retry-after'), '5');
    await assert.rejects(dial(small), /503/);
    await stream.left();
    await until('there is room again', async () => {
      const next = await listen(small, '/api/v1/events');
      await next.left();
      return next.status === 200;
    });
    named.ws.close();
    await small.stop();
  });

  it('leave other upgrades alone: a client that offers h2c is answered', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const body = '{"video_theme": 5}';
    socket.write(
      `POST /api/v1/estimate HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until('it is answered', () => text.includes('"field":"video_theme"'));
    socket.destroy();
  });

  it('let go of a reader that takes nothing, and of none that does', async () => {
    const impatient = await startTestGateway(noTemporal(), { ...database.environment, LIVE_STALL_SECONDS: '1' });
    const video = newVideo();
    await tell(video, 1);
    const why = 'x'.repeat(10_000);
    const data = JSON.stringify({ type: 'scene_settled', branch: 'visual', sceneId: 's2', state: 'failed', why });
    const { hostname, port } = new URL(impatient.url);
    const idle = connect(Number(port), hostname);
    idle.pause();
    idle.write(`GET /api/v1/videos/${video.id}/events HTTP/1.1\r\nHost: x\r\n\r\n`);
    const gone = new Promise<void>((resolve) => idle.on('close', () => resolve()).on('error', () => {}));
    const reader = await listen(impatient, `/api/v1/videos/${video.id}/events`);
    await database.database.session(({ query }) =>
      query(
        `with place as (update event_cursor set value = value + 1500 returning value)
         insert into events (video_id, id, seq, key, type, data)
         select $1, n + 1, place.value - 1500 + n, 'flood-' || n, 'scene_settled', $2::jsonb
         from place, generate_series(1, 1500) n`,
        [video.id, data],
      ),
    );
    await until('whoever reads has it all', () => reader.told.at(-1)?.id === 1501);
    await until('the idle one is let go', async () =>
      /^mcp_bridge_live_dropped_total\{transport="sse",why="slow"\} 1$/m.test(
        (await impatient.request('GET', '/metrics')).text,
      ),
    );
    idle.resume();
    await gone;
    await reader.left();
    await impatient.stop();
  });
});
