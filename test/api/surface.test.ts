import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createGateway } from '../../src/api/http/gateway.ts';
import { routes } from '../../src/api/http/routes.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

describe('the surface of the gateway', () => {
  const worker = createServer((req, res) =>
    res.end(req.url === '/bridge-metrics' ? 'mcp_bridge_parallel_tasks_active{branch="audio"} 2\n' : ''),
  );
  let gateway: TestGateway;
  before(async () => {
    worker.listen(0, '127.0.0.1');
    await once(worker, 'listening');
    const { port } = worker.address() as AddressInfo;
    gateway = await startTestGateway(noTemporal(), { METRICS_PORT: String(port) });
  });
  after(async () => {
    await gateway.stop();
    worker.close();
  });

  it('documents every route it has, and has every route it documents', () => {
    const { config, store, uploads, model } = gateway;
    const rest = { config, store, uploads, model, secret: 's' };
    const served = Object.entries(routes(createGateway({ client: noTemporal(), ...rest, log: null as never }))).flatMap(
      ([path, handlers]) => Object.keys(handlers).map((method) => `${method} ${path.replace(/:(\w+)/, '{$1}')}`),
    );
    const documented = Object.entries(openApiDocument().paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => method !== 'head')
        .map((method) => `${method} ${path}`),
    );
    assert.deepEqual(served.sort(), documented.sort());
  });

  it('describes itself in OpenAPI 3.1 and on a page', async () => {
    const { json } = await gateway.request('GET', '/openapi.json');
    assert.equal(json.openapi, '3.1.0');
    const request = json.components.schemas.GenerateVideoRequest;
    assert.deepEqual(request.required, ['video_theme']);
    assert.equal(request.additionalProperties, false);
    assert.ok(request.properties.voice_type.anyOf[0].enum.length > 30);
    for (const [name, field] of Object.entries(request.properties))
      assert.ok((field as { description?: string }).description, name);
    const docs = await gateway.request('GET', '/docs.md');
    assert.match(docs.headers.get('content-type') ?? '', /^text\/markdown/);
    const operations = Object.entries(openApiDocument().paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `### ${method.toUpperCase()} ${path}\n`),
    );
    for (const title of operations.filter((each) => !each.startsWith('### HEAD')))
      assert.ok(docs.text.includes(title), title);
    const row = (field: string) => new RegExp(`^\\| \`${field}\` .*$`, 'm').exec(docs.text)?.[0] ?? '';
    assert.match(row('duration'), /integer, 5 to 180.*`30`/);
    assert.match(row('captions'), /`karaoke` `line` `none` \| `karaoke`/);
    assert.match(row('video_theme'), /\| required \|/);
    assert.match(row('limit'), /1 to 100.*`20`.*In the query/);
  });

  it('has a page to try it out that loads nothing from elsewhere', async () => {
    const page = await gateway.request('GET', '/docs');
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.doesNotMatch(page.text, /https?:\/\//);
    const parts = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, at]) => at!);
    assert.equal(parts.length, 3);
    for (const at of parts) {
      const part = await gateway.request('GET', at);
      assert.deepEqual([part.status, part.headers.get('x-content-type-options')], [200, 'nosniff'], at);
      assert.match(part.headers.get('content-type') ?? '', at.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    }
    assert.equal((await gateway.request('GET', '/docs/package.json')).status, 404);
    assert.equal((await gateway.request('GET', '/docs/..%2f..%2fpackage.json')).status, 404);
  });

  it('answers in its envelope, with the request’s id', async () => {
    const mine = '0190a6f2-7c1b-7cc0-9f11-2b3c4d5e6f70';
    const kept = await gateway.request('GET', '/health', { headers: { 'x-request-id': mine } });
    assert.equal(kept.headers.get('x-request-id'), mine);
    assert.equal(kept.json.request_id, mine);
    const given = await gateway.request('GET', '/nowhere', { headers: { 'x-request-id': 'not one' } });
    assert.match(given.json.request_id, /^[0-9a-f-]{36}$/);
    assert.equal(given.headers.get('x-request-id'), given.json.request_id);
    assert.equal(given.headers.get('x-powered-by'), null);
  });

  it('tells an unknown path from a wrong method', async () => {
    assert.equal((await gateway.request('GET', '/api/v1/nothing')).json.error.code, 'ROUTE_NOT_FOUND');
    const wrong = await gateway.request('PUT', '/api/v1/videos/x');
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD, DELETE, OPTIONS');
    assert.equal((await gateway.request('GET', '/api/v1/generate-video')).status, 405);
  });

  it('tells nothing of its inside where even its answer to an error fails', async () => {
    const clock = () => {
      throw new Error('the clock stands');
    };
    const broken = await startTestGateway(noTemporal(), {}, { clock });
    try {
      const response = await fetch(`${broken.url}/nowhere`);
      assert.ok(response.status >= 400);
      assert.doesNotMatch(await response.text(), /clock|\.[jt]s/);
    } finally {
      await broken.stop();
    }
  });

  it('keeps a connection for longer than who polls is likely to pause', async () => {
    assert.equal((await gateway.request('GET', '/health')).headers.get('keep-alive'), 'timeout=30');
  });

  it('lives without Temporal, says so at once, and is not ready', async () => {
    for (const path of ['/health', '/api/v1/health']) {
      const health = await gateway.request('GET', path);
      assert.equal(health.status, 200);
      assert.equal(health.json.data.status, 'degraded');
      assert.equal(health.json.data.checks.temporal.ok, false);
      assert.ok(health.elapsedMs < onABusyMachine(700), `${health.elapsedMs} ms`);
    }
    const ready = await gateway.request('GET', '/ready');
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get('retry-after'), '2');
  });

  it('counts under the names of the dashboards, the worker’s lines among them', async () => {
    await gateway.request('GET', '/ready');
    const { text, headers } = await gateway.request('GET', '/metrics');
    assert.match(headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(text, /^mcp_bridge_requests_total\{method="GET",route="\/ready",status="503"\} \d/m);
    assert.match(text, /^mcp_bridge_request_duration_seconds_bucket\{le="60",/m);
    assert.match(text, /^mcp_bridge_errors_total\{code="NOT_READY",route="\/ready"\} \d/m);
    assert.match(text, /^mcp_bridge_parallel_tasks_active\{branch="audio"\} 2$/m);
  });
});
