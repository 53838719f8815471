import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { createApp } from '../../src/api/http/app.ts';
import { drain, listen } from '../../src/api/http/server.ts';
import { loadConfig, type Config } from '../../src/config.ts';
import { Database, databaseTarget } from '../../src/database/database.ts';
import { createReadModel } from '../../src/read-model/read-model.ts';
import { openAssetStore, openUploadIndex } from '../../src/store/open-asset-store.ts';
import { checkAgainstContract } from './contract-check.ts';

/** Nothing listens there: whatever is answered without a 503 never asked Temporal. */
export const noTemporal = (): Client => new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON of the answer; each test reads what it is about. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
  elapsedMs: number;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  signal?: AbortSignal;
}

/** A real gateway on a free port. Every answer it gives is checked against openapi.json. */
export async function startTestGateway(
  client: Client,
  env: Record<string, string> = {},
  options: { clock?: () => Date } = {},
) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  const config: Config = loadConfig({ DATA_DIR: dataDir, METRICS_PORT: '0', ...env });
  const logged: string[] = [];
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (logged.push(chunk.toString()), done()) });
  const store = await openAssetStore(config);
  const database = new Database(databaseTarget(config));
  const uploads = openUploadIndex(config, { database, assets: store });
  const model = createReadModel(database, { redisUrl: null });
  const shutdown = new AbortController();
  const deps = {
    client,
    config,
    model,
    store,
    uploads,
    log: pino({ level: 'debug' }, sink),
    secret: 'a secret of tests',
    shutdown: shutdown.signal,
    ...options,
  };
  const app = createApp(deps);
  const { server, url } = await listen(app, { host: '127.0.0.1', port: 0 });

  async function request(method: string, at: string, options: RequestOptions = {}): Promise<Answer> {
    const startedAt = performance.now();
    const response = await fetch(`${url}${at}`, { method, ...options });
    const bytes = Buffer.from(await response.arrayBuffer());
    const answer = {
      status: response.status,
      headers: response.headers,
      text: bytes.toString('latin1'),
      json:
        response.headers.get('content-type')?.startsWith('application/json') && bytes.length > 0
          ? JSON.parse(bytes.toString())
          : null,
      elapsedMs: performance.now() - startedAt,
    };
    checkAgainstContract(method, at, answer);
    return answer;
  }

  return {
    url,
    /** For another server over the same parts. */
    deps,
    client,
    store,
    model,
    uploads,
    config,
    shutdown: shutdown.signal,
    request,
    /** Everything logged so far, as one text. */
    log: () => logged.join(''),
    post: (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
      request('POST', '/api/v1/generate-video', {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async stop() {
      shutdown.abort();
      await drain(server);
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;
