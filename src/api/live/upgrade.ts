import { randomUUID } from 'node:crypto';
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ERROR_RULES, errorBody } from '../../contract/error-body.ts';
import { ApiError } from '../api-error.ts';
import { asApiError } from '../as-api-error.ts';
import type { Gateway } from '../http/gateway.ts';
import { LiveSocket, MAX_MESSAGE_BYTES } from './web-socket.ts';

/** The one path at which a WebSocket can be opened. */
export const LIVE_PATH = '/api/v1/live';

const isLivePath = (url: string | undefined): boolean => (url ?? '').split('?')[0] === LIVE_PATH;

const EVENTS_PATH = /^\/api\/v1\/(?:videos\/[^/?]+\/)?events(?:\?|$)/;

/**
 * Which requests Node takes out of its HTTP machinery and hands over with their bare socket: WebSockets, and event streams,
 * of which there may be ten thousand: parser, request and response would cost each of them three times what it needs.
 * Whoever offers another protocol, such as `h2c`, as Java's client does of itself, is answered as if it had not.
 */
export class GatewayRequest extends IncomingMessage {
  declare private asksToUpgrade: boolean | undefined;

  get upgrade(): boolean {
    if (this.method === 'GET' && EVENTS_PATH.test(this.url ?? '')) return true;
    const offers = this.asksToUpgrade === true && (this.headers.upgrade ?? '').toLowerCase() === 'websocket';
    return offers && isLivePath(this.url);
  }

  set upgrade(asks: boolean | null) {
    this.asksToUpgrade = asks ?? undefined;
  }
}

export type Upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Opens WebSockets; what may not be opened is told so in the form of every other error. */
export function acceptUpgrades(gateway: Gateway, app: RequestListener): Upgrade {
  const server = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    maxPayload: MAX_MESSAGE_BYTES,
  });
  return (req, socket, head) => {
    if (!isLivePath(req.url)) {
      answerOnce(app, req, socket as Socket);
      return;
    }
    socket.on('error', () => socket.destroy());
    try {
      checkOrigin(gateway, req);
      gateway.live.connections.checkRoom();
      server.handleUpgrade(req, socket, head, (ws) => void new LiveSocket(gateway, ws, req));
    } catch (error) {
      refuse(socket, asApiError(error));
    }
  };
}

/** Answers a request whose socket is ours alone: with an error as any other request, or with a stream that takes it over. */
function answerOnce(app: RequestListener, req: IncomingMessage, socket: Socket): void {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.on('finish', () => socket.destroySoon());
  socket.on('error', destroyIt).on('end', destroyIt).resume();
  app(req, res);
}

function destroyIt(this: Socket): void {
  this.destroy();
}

/**
 * Only pages of our own, and those that are named: a browser sends no preflight before a WebSocket, so any page could
 * otherwise speak for whoever looks at it. Programs send no Origin.
 */
function checkOrigin({ config }: Gateway, { headers }: IncomingMessage): void {
  const origin = headers.origin?.toLowerCase();
  if (origin === undefined) return;
  const own = [`http://${headers.host ?? ''}`, `https://${headers.host ?? ''}`, originOf(config.publicUrl)];
  if (own.includes(origin) || config.live.allowedOrigins.includes(origin)) return;
  throw new ApiError('ORIGIN_NOT_ALLOWED', ERROR_RULES.ORIGIN_NOT_ALLOWED.meaning);
}

const originOf = (url: string | null): string | null => (url === null ? null : new URL(url).origin.toLowerCase());

function refuse(socket: Duplex, fault: ApiError): void {
  const requestId = randomUUID();
  const { code, message, details } = fault;
  const body = JSON.stringify(errorBody({ code, message, details }, { requestId, now: new Date() }));
  const rule = ERROR_RULES[code];
  const headers = {
    ...{ 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' },
    ...(rule.category === 'TEMPORARY' ? { 'Retry-After': String(Math.ceil(rule.retryDelayMs / 1000)) } : {}),
    'X-Request-Id': requestId,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${rule.status} Refused`, ...lines, '', body].join('\r\n'));
}
