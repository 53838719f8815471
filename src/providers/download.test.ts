import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { ProviderError, type ProviderErrorDetails } from '../domain/errors.ts';
import { download, type DownloadOptions } from './download.ts';
import {
  type Answer,
  CLOSED_PORT,
  htmlPage,
  type LocalHost,
  resetAfterRequest,
  silence,
  startHost,
} from './testing/local-host.ts';

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 7)]);
const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(20)]);
const WEBP = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WEBPVP8 '), Buffer.alloc(20)]);
const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(20)]);
const AVIF = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypavif'), Buffer.alloc(20)]);
const WAV = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WAVEfmt ')]);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

const file =
  (bytes: Buffer, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'text/plain', ...headers }).end(bytes);

const redirect =
  (location: string, status = 302): Answer =>
  (response) =>
    void response.writeHead(status, { location }).end('moved');

async function hostWith(answer: Answer): Promise<LocalHost> {
  const host = await startHost(answer);
  open.push(host);
  return host;
}

const options = (host: LocalHost, more: Partial<DownloadOptions> = {}): DownloadOptions => ({
  maxBytes: 100_000,
  timeoutMs: 3_000,
  idleTimeoutMs: 1_000,
  accept: ['jpeg', 'png', 'webp', 'mp4'],
  allowedHosts: [host.host],
  ...more,
});

async function fetchFrom(answer: Answer, more: Partial<DownloadOptions> = {}) {
  const host = await hostWith(answer);
  return download(`${host.url}/a.jpeg`, options(host, more));
}

async function failureOf(call: Promise<unknown>): Promise<ProviderErrorDetails> {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ProviderError, String(error));
  assert.equal(error.details.billed, 'no');
  assert.ok(!error.message.includes('Signature'), error.message);
  return error.details;
}

const codeOf = async (call: Promise<unknown>) => (await failureOf(call)).code;

describe('what is fetched', () => {
  const files: [bytes: Buffer, mediaType: string][] = [
    [JPEG, 'image/jpeg'],
    [PNG, 'image/png'],
    [WEBP, 'image/webp'],
    [MP4, 'video/mp4'],
  ];
  for (const [bytes, mediaType] of files) {
    it(`is known as ${mediaType} by its content, not its header`, async () => {
      const got = await fetchFrom(file(bytes));
      assert.ok(got.bytes.equals(bytes));
      assert.equal(got.mediaType, mediaType);
    });
  }

  it('is refused when it is something else', async () => {
    for (const answer of [
      htmlPage(200),
      file(WAV),
      file(AVIF),
      file(Buffer.from('#EXTM3U\n')),
      file(Buffer.alloc(0)),
    ]) {
      const { kind, code } = await failureOf(fetchFrom(answer));
      assert.deepEqual([kind, code], ['temporary_failure', 'WrongMediaType']);
    }
    assert.equal(await codeOf(fetchFrom(file(MP4), { accept: ['jpeg', 'png'] })), 'WrongMediaType');
    assert.equal(
      await codeOf(fetchFrom(file(PNG, { 'content-type': 'image/jpeg' }), { accept: ['jpeg'] })),
      'WrongMediaType',
    );
  });

  it('is asked for without credentials, path and query byte by byte', async () => {
    const host = await hostWith(file(JPEG));
    const path = `/a%2Fb/../c%7e.jpeg?X-Tos-Signature=0a%2B/'"{}|^\`&x=%e4&y=1/2`;
    await download(`${host.url}${path}#part`, options(host));
    const [request] = host.requests;
    assert.equal(request?.method, 'GET');
    assert.equal(request?.path, path);
    assert.equal(request?.headers.authorization, undefined);
    assert.equal(request?.headers.cookie, undefined);
    assert.equal(request?.headers['accept-encoding'], 'identity');
  });

  it('is asked for at / when the URL has no path, and encoded when it is not ASCII', async () => {
    const host = await hostWith(file(JPEG));
    await download(host.url, options(host));
    await download(`${host.url}/图 1.jpeg`, options(host));
    assert.deepEqual(
      host.requests.map(({ path }) => path),
      ['/', '/%E5%9B%BE%201.jpeg'],
    );
  });
});

describe('limits', () => {
  it('a declared size over the limit is not waited for', async () => {
    const promise: Answer = (response) => void response.writeHead(200, { 'content-length': '1000000' }).write('x');
    const { kind, code } = await failureOf(fetchFrom(promise));
    assert.deepEqual([kind, code], ['permanent', 'asset_too_large']);
  });

  it('an undeclared size over the limit is not read to its end', async () => {
    let sent = 0;
    const endless: Answer = (response) => {
      response.writeHead(200);
      const more = () => {
        sent += 10_000;
        if (!response.destroyed) response.write(Buffer.alloc(10_000, 1), more);
      };
      more();
    };
    assert.equal(await codeOf(fetchFrom(endless)), 'asset_too_large');
    assert.ok(sent < 50_000_000);
  });

  it('a body shorter than its content-length is network_error', async () => {
    const short: Answer = (response, request) => {
      response.writeHead(200, { 'content-length': String(JPEG.length + 1) });
      response.write(JPEG, () => request.socket.destroy());
    };
    assert.equal((await failureOf(fetchFrom(short))).kind, 'network_error');
  });

  it('a chunked body without its end is network_error', async () => {
    const unfinished: Answer = (response, request) => {
      response.writeHead(200);
      response.write(JPEG, () => request.socket.destroy());
    };
    assert.equal((await failureOf(fetchFrom(unfinished))).kind, 'network_error');
  });

  it('a host that falls silent is given up after the idle time', async () => {
    const stalling: Answer = (response) => void response.writeHead(200).write(JPEG);
    for (const answer of [silence, stalling]) {
      const started = Date.now();
      const { kind } = await failureOf(fetchFrom(answer, { idleTimeoutMs: 150, timeoutMs: 60_000 }));
      assert.equal(kind, 'network_error');
      assert.ok(Date.now() - started < 3_000);
    }
  });

  it('a drip that is never silent ends at the whole time', async () => {
    const drip: Answer = (response) => {
      response.writeHead(200).write(JPEG);
      const timer = setInterval(() => response.write('x'), 30);
      response.on('close', () => clearInterval(timer));
    };
    const { kind, code } = await failureOf(fetchFrom(drip, { timeoutMs: 300 }));
    assert.deepEqual([kind, code], ['network_error', 'DownloadTimeout']);
  });
});

describe('what an answer means', () => {
  const rows: [answer: Answer, kind: string, code: string | null][] = [
    [htmlPage(403), 'permanent', 'AssetUrlExpired'],
    [htmlPage(404), 'permanent', 'AssetUrlExpired'],
    [htmlPage(400), 'permanent', null],
    [htmlPage(206), 'permanent', null],
    [htmlPage(302), 'permanent', null],
    [htmlPage(429), 'rate_limit', null],
    [htmlPage(500), 'temporary_failure', null],
    [htmlPage(503), 'temporary_failure', null],
    [resetAfterRequest, 'network_error', 'ECONNRESET'],
  ];
  for (const [answer, kind, code] of rows) {
    it(`${kind} ${code ?? ''}, asked once`, async () => {
      const host = await hostWith(answer);
      const details = await failureOf(download(`${host.url}/a`, options(host)));
      assert.deepEqual([details.kind, details.code], [kind, code]);
      assert.equal(host.requests.length, 1);
    });
  }

  it('a body that is left unread does not end the process', async () => {
    const endless: Answer = (response) => void response.writeHead(403).write('<xml>');
    assert.equal(await codeOf(fetchFrom(endless)), 'AssetUrlExpired');
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('keeps Retry-After', async () => {
    const busy: Answer = (response) => void response.writeHead(503, { 'retry-after': '4' }).end();
    assert.equal((await failureOf(fetchFrom(busy))).retryAfterMs, 4_000);
  });

  it('a refused connection and an unknown name are network_error', async () => {
    const host = `127.0.0.1:${CLOSED_PORT}`;
    const limits = {
      maxBytes: 1,
      timeoutMs: 2_000,
      idleTimeoutMs: 1_000,
      accept: ['jpeg'] as const,
      allowedHosts: [host],
    };
    assert.equal((await failureOf(download(`http://${host}/a`, limits))).kind, 'network_error');
    assert.equal((await failureOf(download('https://files.invalid/a', limits))).kind, 'network_error');
  });
});

describe('where it may go', () => {
  /** Counts connections to a port, whatever is spoken there. */
  async function doorbell() {
    let rings = 0;
    const server = createTcpServer((socket) => {
      rings += 1;
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push({ close: async () => void server.close() });
    return { port: (server.address() as AddressInfo).port, rings: () => rings };
  }
  const limits = { maxBytes: 10, timeoutMs: 2_000, idleTimeoutMs: 1_000, accept: ['jpeg'] as const };

  it('is nowhere without https', async () => {
    for (const url of ['http://example.com/a', 'file:///a', 'ftp://example.com/a', 'data:,a', 'a', '']) {
      assert.equal(await codeOf(download(url, limits)), 'BlockedUrl', url);
    }
  });

  it('is not a URL with credentials', async () => {
    assert.equal(await codeOf(download('https://me:secret@example.com/a', limits)), 'BlockedUrl');
    assert.equal(await codeOf(download('https://me@example.com/a', limits)), 'BlockedUrl');
  });

  it('is not a private address, however it is written', async () => {
    const { port, rings } = await doorbell();
    const hosts = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '10.0.0.1',
    ];
    for (const host of hosts) {
      const { kind, code } = await failureOf(download(`https://${host}:${port}/a`, limits));
      assert.deepEqual([kind, code], ['permanent', 'BlockedUrl'], host);
    }
    assert.equal(rings(), 0);
  });

  it('is not a name that leads to a private address', async () => {
    const { port, rings } = await doorbell();
    assert.equal(await codeOf(download(`https://localhost:${port}/a`, limits)), 'BlockedUrl');
    assert.equal(rings(), 0);
  });

  it('may be a private address by https where the network is trusted, but not by http', async () => {
    const { port, rings } = await doorbell();
    const trusting = { ...limits, allowPrivateHosts: true };
    assert.equal((await failureOf(download(`https://localhost:${port}/a`, trusting))).kind, 'network_error');
    assert.ok(rings() > 0);
    assert.equal(await codeOf(download(`http://localhost:${port}/a`, trusting)), 'BlockedUrl');
  });

  it('is an allowed host by host and port, not by host alone', async () => {
    const host = await hostWith(file(JPEG));
    const { port, rings } = await doorbell();
    await download(`${host.url}/a`, options(host));
    assert.equal(await codeOf(download(`https://127.0.0.1:${port}/a`, options(host))), 'BlockedUrl');
    assert.equal(await codeOf(download(`http://127.0.0.1:${port}/a`, options(host))), 'BlockedUrl');
    assert.equal(rings(), 0);
  });

  it('is three redirects away at most', async () => {
    const hops = (count: number): Answer => {
      let left = count;
      return (response, request) =>
        (left -= 1) >= 0 ? redirect('/next?a=%2B')(response, request) : file(JPEG)(response, request);
    };
    const host = await hostWith(hops(3));
    assert.equal((await download(`${host.url}/a`, options(host))).mediaType, 'image/jpeg');
    assert.equal(host.requests.at(-1)?.path, '/next?a=%2B');
    const { kind, code } = await failureOf(fetchFrom(hops(4)));
    assert.deepEqual([kind, code], ['permanent', 'BlockedUrl']);
  });

  it('is checked again at each redirect', async () => {
    const { port, rings } = await doorbell();
    const targets = [
      `https://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/`,
      'file:///a',
      'https://',
    ];
    for (const target of targets) {
      for (const status of [301, 302, 303, 307, 308]) {
        assert.equal(await codeOf(fetchFrom(redirect(target, status))), 'BlockedUrl', target);
      }
    }
    assert.equal(rings(), 0);
  });
});
