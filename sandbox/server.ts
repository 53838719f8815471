import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express, { type ErrorRequestHandler, type Express, type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';

import { adminRoutes } from './admin.ts';
import { chatRoute } from './ark/chat.ts';
import { embeddingRoutes } from './ark/embeddings.ts';
import { arkFailure } from './ark/envelope.ts';
import { imageRoute } from './ark/images.ts';
import { downloadRoute, PictureStore, refuseHead } from './ark/picture-store.ts';
import { VideoTasks } from './ark/video-tasks.ts';
import { videoRoutes } from './ark/videos.ts';
import { newRequestId } from './ark/request-id.ts';
import type { Answer, IncomingCall, Route } from './call.ts';
import { CapcutEngine, type EngineOptions } from './capcut/engine.ts';
import { capcutLists, capcutRoutes } from './capcut/http.ts';
import { DRAFTS_HOME } from './config.ts';
import { Faults } from './faults.ts';
import { KeptMedia } from './kept-media.ts';
import { Ledger } from './ledger.ts';
import { createLog } from './log.ts';
import { VIA_HEADER } from './mcp/ark-caller.ts';
import { mcpRoutes } from './mcp/http.ts';
import { createPainter } from './pictures/painter.ts';
import { serve, type ServeContext } from './serve.ts';
import { Sockets } from './sockets.ts';
import { createSpeaker } from './speech/speaker.ts';
import { speechV1Route } from './speech/v1.ts';
import { speechV3Route } from './speech/v3.ts';

export interface SandboxOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  seed?: number;
  /** Factor on the real services' delays. */
  delayScale?: number;
  ledgerPath?: string | undefined;
  faultsPath?: string | undefined;
  urlTtlSeconds?: number;
  logLevel?: string;
  ffmpegPath?: string | undefined;
  /** How often the MCP server sends a picture's request again by itself; 2, as the OpenAI client of the real one does. */
  mcpHiddenRetries?: number;
  /** A folder where drawn pictures and spoken lines are kept, and taken from. */
  mediaPath?: string | undefined;
  capcut?: EngineOptions;
}

export interface Sandbox {
  url: string;
  close(): Promise<void>;
}

/** Starts the stand-in for the paid clouds and answers when it listens. */
export async function startSandbox({
  port = 0,
  host = '127.0.0.1',
  seed = 1,
  delayScale = 1,
  ledgerPath,
  faultsPath,
  urlTtlSeconds = 86_400,
  logLevel = 'silent',
  ffmpegPath,
  mcpHiddenRetries = 2,
  mediaPath,
  capcut = { home: DRAFTS_HOME },
}: SandboxOptions = {}): Promise<Sandbox> {
  const log = createLog(logLevel);
  const stopping = new AbortController();
  const faults = new Faults(seed);
  if (faultsPath) faults.replace(JSON.parse(readFileSync(faultsPath, 'utf8')));
  const kept = mediaPath === undefined ? null : new KeptMedia(mediaPath);
  const painter = kept?.painter(createPainter()) ?? createPainter();
  const speaker = kept?.speaker(createSpeaker()) ?? createSpeaker();
  const store = new PictureStore({ seed, urlTtlSeconds, painter });
  const speech = { seed, speaker, ffmpegPath };
  const sockets = new Sockets();
  const ledger = new Ledger(ledgerPath);
  const tasks = new VideoTasks({
    ...{ seed, delayScale, painter, store, ledger, log, ffmpegPath, stopping: stopping.signal },
  });
  const context = { seed, delayScale, ledger, faults, sockets, log, stopping: stopping.signal };
  let url = '';
  const mcp = mcpRoutes({ arkUrl: () => `${url}/api/v3`, faults, hiddenRetries: mcpHiddenRetries, delayScale });
  const app = createApp(context, mcp, [
    chatRoute({ seed, delayScale, stopping: stopping.signal }),
    ...embeddingRoutes({ seed }),
    imageRoute({ seed, painter, store }),
    ...videoRoutes({ seed, tasks, store }),
    downloadRoute(store),
    speechV1Route(speech),
    speechV3Route(speech, 'lines'),
    speechV3Route(speech, 'events'),
    ...capcutRoutes(new CapcutEngine(capcut)),
  ]);
  // A client that asks now and then must not meet a connection that is just being closed.
  const server = createServer({ keepAliveTimeout: 30_000 }, app);
  await listen(server, port, host);
  const { port: listening } = server.address() as AddressInfo;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
  return {
    url,
    close: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, painter.close(), speaker.close()]);
    },
  };
}

/** What the vendor takes as one request. */
const MAX_BODY = '64mb';

function createApp(context: ServeContext, mcp: Router, routes: readonly Route[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/__sandbox', adminRoutes(context));
  app.use('/mcp/doubao', mcp);
  app.use((_request, response, next) => {
    response.locals.requestId = newRequestId();
    next();
  });
  app.use(express.raw({ type: () => true, limit: MAX_BODY }));
  for (const route of routes) addRoute(app, context, route);
  app.use(capcutLists());
  app.use((request, response) => {
    const message = `The requested path ${request.path} does not exist.`;
    answerOutsideRoutes(response, arkFailure({ code: 'NotFound.Path', message }, requestIdOf(response)));
  });
  app.use(onError(context.log));
  return app;
}

function addRoute(app: Express, context: ServeContext, route: Route): void {
  const handle = async (request: Request, response: Response) => {
    const call = incoming(request, response);
    context.sockets.note(request.socket, route.name);
    response.setHeader('x-request-id', call.requestId);
    const clientRequestId = request.headers['x-client-request-id'];
    if (clientRequestId) response.setHeader('x-client-request-id', clientRequestId);
    context.log.info({ route: route.name, path: route.path, requestId: call.requestId }, 'call arrived');
    await serve(context, route, call, response);
  };
  if (route.name !== 'download') {
    app[route.method ?? 'post'](route.path, handle);
    return;
  }
  // Express would answer a HEAD from the GET handler.
  app.head(route.path, (request, response) => answerOutsideRoutes(response, refuseHead(incoming(request, response))));
  app.get(route.path, handle);
}

function incoming(request: Request, response: Response): IncomingCall {
  return {
    path: request.path,
    headers: request.headers,
    query: new URLSearchParams(request.originalUrl.split('?')[1] ?? ''),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    origin: `http://${request.headers.host ?? 'localhost'}`,
    requestId: requestIdOf(response),
    via: request.headers[VIA_HEADER] === 'mcp' ? 'mcp' : 'http',
  };
}

function requestIdOf(response: Response): string {
  return String(response.locals.requestId);
}

function answerOutsideRoutes(response: Response, answer: Answer): void {
  response.writeHead(answer.status, { 'x-request-id': requestIdOf(response), ...answer.headers });
  response.end(Buffer.isBuffer(answer.body) ? answer.body : undefined);
}

function onError(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const tooLarge = error instanceof Error && 'type' in error && error.type === 'entity.too.large';
    if (!tooLarge && !isStopping(error)) log.error({ error: String(error) }, 'call failed');
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const failure = tooLarge
      ? { code: 'InvalidParameter', status: 413, message: 'The request body is larger than 64 MB.' }
      : { code: 'InternalServiceError' };
    answerOutsideRoutes(response, arkFailure(failure, requestIdOf(response)));
  };
}

function isStopping(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
