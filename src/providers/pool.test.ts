import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { ProviderError } from '../domain/errors.ts';
import { readAnswer, sendPaidPost } from './paid-post.ts';
import { createPool, limitsOf, type PoolLimits } from './pool.ts';
import { json, silence, startHost, type Answer } from './testing/local-host.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

function poolWith(limits: Partial<PoolLimits>) {
  const pool = createPool({ maxConnections: 2, connectionTimeoutMs: 5_000, readTimeoutMs: 5_000, ...limits });
  open.push({ close: () => pool.agent.destroy() });
  return pool;
}

async function hostWith(answer: Answer) {
  const host = await startHost(answer);
  open.push(host);
  return host;
}

/** Takes connections and never says a word: a TLS handshake with it does not end. */
async function muteHost(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a pool', () => {
  it('has the limits of its entry in the file, which counts in seconds', () => {
    const limits = limitsOf({ max_connections: 8, connection_timeout: 20, read_timeout: 120 });
    assert.deepEqual(limits, { maxConnections: 8, connectionTimeoutMs: 20_000, readTimeoutMs: 120_000 });
  });

  it('gives up a host that does not get to its first byte: nothing was sent, nothing bought', async () => {
    const url = await muteHost();
    const pool = poolWith({ connectionTimeoutMs: 300 });
    const started = Date.now();
    await assert.rejects(
      sendPaidPost({ pool, provider: 'ark', url, headers: {}, body: {} }),
      ({ details }: ProviderError) => details.kind === 'network_error' && details.billed === 'no',
    );
    assert.ok(Date.now() - started < 5_000);
  });

  it('gives up an answer that is silent for the read timeout, before and inside of it', async () => {
    const begun: Answer = (response) => void response.writeHead(200).write('{');
    for (const answer of [silence, begun]) {
      const { url } = await hostWith(answer);
      const { agent } = poolWith({ readTimeoutMs: 300 });
      const read = async () => (await agent.request({ origin: url, path: '/', method: 'GET' })).body.text();
      await assert.rejects(read, { code: /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/ });
    }
  });

  it('waits for a paid answer far longer than the read timeout', async () => {
    const late: Answer = (response, request) => void setTimeout(() => json(200, { a: 1 })(response, request), 2_500);
    const { url, requests } = await hostWith(late);
    const pool = poolWith({ readTimeoutMs: 300 });
    const answer = await sendPaidPost({ pool, provider: 'ark', url, headers: {}, body: {} });
    assert.equal(await readAnswer(answer, 100), '{"a":1}');
    assert.equal(requests.length, 1);
  });
});
