import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Client as McpClient, Progress } from '@modelcontextprotocol/client';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Client } from '@temporalio/client';
import { createGateway } from '../../../src/api/http/gateway.ts';
import { Metrics } from '../../../src/api/http/metrics.ts';
import { startMcpHttp } from '../../../src/api/mcp/start-mcp.ts';
import { workflowIdOf } from '../../../src/domain/ids.ts';
import { builtProgram } from '../../built-program.ts';
import { startEmbedded, type TestDatabase } from '../../database/servers.ts';
import { partialResult } from '../fixtures/results.ts';
import { finish } from '../fixtures/workflows.ts';
import { startTestGateway, type TestGateway } from '../harness.ts';
import { startTemporal, startTestWorker, temporalClient } from '../temporal-server.ts';
import { failuresIn, GENERIC, runConformance } from './conformance.ts';
import { connectMcp, dataOf, NEWEST, textOf } from './mcp-client.ts';

const WISH = { video_theme: '介绍我们的新款智能手表' };
const TOOLS = 'cancel_video estimate_cost generate_video get_video list_videos list_voices wait_for_video';

const namesOf = (tools: { name: string }[]): string =>
  tools
    .map(({ name }) => name)
    .sort()
    .join(' ');

describe('the MCP server', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;
  let server: Awaited<ReturnType<typeof startMcpHttp>>;
  let mcp: McpClient;

  const metrics = new Metrics();
  const serve = (port: number) => {
    const config = { ...gateway.deps.config, ports: { ...gateway.deps.config.ports, mcp: port } };
    return startMcpHttp(createGateway({ ...gateway.deps, config, metrics }), { gatewayUrl: gateway.url });
  };
  const call = (name: string, args: Record<string, unknown>, on = mcp) => on.callTool({ name, arguments: args });
  const run = (id: string) => client.workflow.getHandle(workflowIdOf(id));
  const runsOf = async () => (await client.workflow.count(`WorkflowType = 'generateVideo'`)).count;

  before(
    async () => {
      [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
      client = await temporalClient(temporal.address);
      worker = await startTestWorker(temporal.address);
      gateway = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
      server = await serve(0);
      mcp = await connectMcp(server.url);
    },
    { timeout: 240_000 },
  );
  after(async () => {
    await mcp.close();
    await server.stop();
    await gateway.stop();
    await client.connection.close();
    await worker.stop();
    await temporal.stop();
    await database.stop();
  });

  it('offers its tools to clients of this year’s and last year’s revision, with the schemas that check', async () => {
    const earlier = await connectMcp(server.url, 'legacy');
    assert.deepEqual(
      [mcp.getNegotiatedProtocolVersion(), earlier.getNegotiatedProtocolVersion()],
      [NEWEST, '2025-11-25'],
    );
    const [{ tools }, before] = await Promise.all([mcp.listTools(), earlier.listTools()]);
    assert.equal(namesOf(tools), TOOLS);
    assert.deepEqual(before.tools, tools);
    for (const { name, inputSchema, outputSchema, annotations } of tools) {
      assert.equal(inputSchema['additionalProperties'], false, name);
      assert.equal(outputSchema?.['type'], 'object', name);
      assert.equal(annotations?.readOnlyHint, !['generate_video', 'cancel_video'].includes(name), name);
      assert.ok(!JSON.stringify([inputSchema, outputSchema]).includes('$ref'), name);
    }
    const { properties } = tools.find(({ name }) => name === 'generate_video')!.inputSchema;
    assert.equal((properties?.['duration'] as { default: number }).default, 30);
    await earlier.close();
    assert.match(await metrics.text(), /^mcp_bridge_requests_total\{method="POST",route="\/mcp",status="200"\} \d+$/m);
  });

  it('names every wrong argument, and what would be right; nothing is started', async () => {
    const before = await runsOf();
    const refused = await call('generate_video', { ...WISH, durration: 15, fps: 7 });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /INVALID_REQUEST/);
    assert.match(textOf(refused), /durration is not known here; did you mean duration\?/);
    assert.match(textOf(refused), /fps must be one of 24, 25, 30, 60/);
    assert.match(textOf(await call('get_video', { id: 'x', more: 1 })), /- more is not known here/);
    assert.match(textOf(await call('wait_for_video', { id: 'x' })), /- id must be the id of a video/);
    assert.match(textOf(await call('list_videos', { limit: 0 })), /limit must be a whole number from 1 to 100/);
    assert.match(textOf(await call('generate_video', { ...WISH, idempotency_key: '' })), /idempotency_key must have/);
    assert.match(textOf(await call('get_video', { id: `v${'0'.repeat(26)}` })), /VIDEO_NOT_FOUND/);
    assert.equal(await runsOf(), before);
  });

  it('tells what a video would cost, and who can speak', async () => {
    const { expected, at_most } = dataOf(await call('estimate_cost', WISH));
    assert.ok(expected > 0 && expected <= at_most);
    const { voices } = dataOf(await call('list_voices', { language: 'en' }));
    assert.ok(voices.length > 0 && voices.every(({ languages }: { languages: string[] }) => languages.includes('en')));
  });

  it('makes one video of one key, waits for it by pieces, tells its progress, and gives its files', async () => {
    const order = { ...WISH, idempotency_key: 'the same wish' };
    const first = dataOf(await call('generate_video', order));
    const again = dataOf(await call('generate_video', order));
    assert.deepEqual([first.replayed, again.replayed, again.id], [false, true, first.id]);
    assert.match(textOf(await call('generate_video', { ...order, duration: 20 })), /IDEMPOTENCY_KEY_REUSED/);
    const { id } = first;
    const { videos } = dataOf(await call('list_videos', { limit: 1 }));
    assert.equal(videos[0].id, id);

    const heard: Progress[] = [];
    const earlier = await connectMcp(server.url, 'legacy');
    for (const one of [mcp, earlier]) {
      heard.length = 0;
      const waited = await one.callTool(
        { name: 'wait_for_video', arguments: { id, timeout_seconds: 3 } },
        { onprogress: (progress) => heard.push(progress) },
      );
      assert.deepEqual([dataOf(waited).ended, dataOf(waited).video.status], [false, 'running']);
      assert.match(heard.at(-1)?.message ?? '', /Stage assets; narration 1 of 2/);
    }
    await earlier.close();

    const srt = '1\n00:00:00,000 --> 00:00:01,000\n手表\n';
    const captions = await gateway.store.put(Buffer.from(srt), 'application/x-subrip');
    const cover = await gateway.store.put(Buffer.from('a picture'), 'image/jpeg');
    const waiting = call('wait_for_video', { id, timeout_seconds: 60 });
    await run(id).signal(finish, { ...partialResult, captions, cover });
    const ended = await waiting;
    const { video } = dataOf(ended);
    assert.deepEqual([dataOf(ended).ended, video.status], [true, 'partial']);
    assert.deepEqual(dataOf(await call('get_video', { id })).video, video);
    assert.match(textOf(ended), /The picture was refused/);
    const links = ended.content.flatMap((block) => (block.type === 'resource_link' ? [block] : []));
    assert.deepEqual(
      links.map(({ mimeType }) => mimeType),
      ['video/mp4', 'image/jpeg', 'application/x-subrip', 'text/x-ssa', 'application/zip'],
    );
    assert.equal(links[0]?.uri, video.video_url);
    assert.ok(video.video_url.startsWith(gateway.url));

    const read = async (uri: string) =>
      (await mcp.readResource({ uri })).contents[0] as unknown as Record<string, string>;
    assert.equal((await read(links[2]!.uri))['text'], srt);
    assert.equal(Buffer.from((await read(links[1]!.uri))['blob']!, 'base64').toString(), 'a picture');
    assert.deepEqual(JSON.parse((await read(`mcp-bridge://videos/${id}`))['text']!), video);
    const { resources } = await mcp.listResources();
    assert.ok(resources.some(({ uri }) => uri === `mcp-bridge://videos/${id}`));
    await assert.rejects(read(`mcp-bridge://videos/v${'0'.repeat(26)}/captions`), /not found/i);
  });

  it('goes on with a video whose client gives up the wait or goes away, and ends it only when asked', async () => {
    const { id } = dataOf(await call('generate_video', WISH));
    const givingUp = new AbortController();
    const waiting = mcp.callTool(
      { name: 'wait_for_video', arguments: { id, timeout_seconds: 60 } },
      { signal: givingUp.signal, onprogress: () => givingUp.abort() },
    );
    await assert.rejects(waiting);
    const leaving = await connectMcp(server.url, 'legacy');
    const left = leaving.callTool(
      { name: 'wait_for_video', arguments: { id, timeout_seconds: 60 } },
      { onprogress: () => void leaving.close() },
    );
    await assert.rejects(left);
    assert.equal(dataOf(await call('get_video', { id })).video.status, 'running');

    assert.equal(dataOf(await call('cancel_video', { id })).status, 'cancelling');
    assert.equal(dataOf(await call('cancel_video', { id })).status, 'cancelling');
    await run(id).terminate();
    assert.match(textOf(await call('cancel_video', { id })), /ALREADY_FINISHED/);
  });

  it('loses no client when it is started again, nor where several serve', async () => {
    const port = Number(new URL(server.url).port);
    const earlier = await connectMcp(server.url, 'legacy');
    await server.stop();
    server = await serve(port);
    for (const one of [mcp, earlier]) assert.ok(dataOf(await call('list_voices', {}, one)).voices.length > 0);
    await earlier.close();
  });

  it('refuses pages of other sites, and names that lead here by DNS', async () => {
    const { port } = new URL(server.url);
    const status = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
        const accept = 'application/json, text/event-stream';
        request(
          { port, path: '/mcp', method: 'POST', headers: { 'content-type': 'application/json', accept, ...headers } },
          (response) => (response.resume(), resolve(response.statusCode)),
        )
          .on('error', reject)
          .end(body);
      });
    assert.equal(await status({ host: `localhost:${port}` }), 200);
    assert.equal(await status({ host: 'evil.example' }), 403);
    assert.equal(await status({ host: `localhost:${port}`, origin: 'http://evil.example' }), 403);
    assert.equal(await status({ host: `localhost:${port}`, origin: `http://localhost:${port}` }), 200);
  });

  it('passes the generic scenarios of the protocol’s conformance suite', { timeout: 240_000 }, async () => {
    const scenarios = await runConformance(server.url);
    for (const name of GENERIC) {
      const checks = scenarios.get(name) ?? [];
      assert.ok(
        checks.some(({ status }) => status === 'SUCCESS'),
        `${name} was not run`,
      );
      assert.deepEqual(failuresIn(checks), [], name);
    }
  });

  it('serves a client that starts it over stdio, with nothing but the protocol on stdout', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [builtProgram('src/api/mcp/main.js'), '--stdio'],
      env: { ...(process.env as Record<string, string>), ...database.environment, TEMPORAL_ADDRESS: temporal.address },
      stderr: 'ignore',
    });
    const faults: Error[] = [];
    const earlier = new EarlierClient({ name: 'test', version: '1' });
    earlier.onerror = (error) => faults.push(error);
    await earlier.connect(transport, { timeout: 60_000 });
    const { tools } = await earlier.listTools();
    assert.equal(namesOf(tools), TOOLS);
    const started = await earlier.callTool({ name: 'generate_video', arguments: WISH });
    const { id } = started.structuredContent as { id: string };
    assert.equal((await run(id).describe()).status.name, 'RUNNING');
    await earlier.close();
    assert.deepEqual(faults, []);
    assert.equal((await run(id).describe()).status.name, 'RUNNING');
    await run(id).terminate();
  });
});
