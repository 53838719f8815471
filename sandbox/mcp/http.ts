import { randomUUID } from 'node:crypto';

import { JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import express, { type Response, type Router } from 'express';

import type { Faults } from '../faults.ts';
import { ArkCaller } from './ark-caller.ts';
import { openSession, type McpSession } from './session.ts';

const SESSION = 'mcp-session-id';
const MAX_BODY = '64mb';

export interface McpHttpOptions {
  /** The sandbox's own Ark, up to and with `/api/v3`. */
  arkUrl(): string;
  faults: Faults;
  hiddenRetries: number;
  delayScale: number;
}

/** Doubao's tools over Streamable HTTP: answers come as event streams, nothing is said unasked. */
export function mcpRoutes({ arkUrl, faults, hiddenRetries, delayScale }: McpHttpOptions): Router {
  const sessions = new Map<string, McpSession>();
  const router = express.Router();

  router.post('/', express.json({ limit: MAX_BODY }), async (request, response) => {
    const parsed = JSONRPCMessageSchema.safeParse(request.body);
    if (!parsed.success) return refuse(response, 400, -32_700, 'Parse error');
    const isFirst = 'method' in parsed.data && parsed.data.method === 'initialize';
    const id = isFirst ? randomUUID() : (request.get(SESSION) ?? '');
    if (isFirst) sessions.set(id, await opened());
    const session = sessions.get(id);
    if (session === undefined) return refuse(response, 404, -32_001, 'Session not found');
    response.setHeader(SESSION, id);
    await answer(session, parsed.data, response);
  });
  router.get('/', (_request, response) => void response.status(405).end());
  router.delete('/', (request, response) => {
    sessions.delete(request.get(SESSION) ?? '');
    response.status(200).end();
  });
  return router;

  function opened(): Promise<McpSession> {
    const ark = new ArkCaller({ baseUrl: arkUrl(), apiKey: 'sandbox-mcp', hiddenRetries, delayScale });
    return openSession({ ark, nextFault: async (text) => faults.next('mcp', { text, via: 'mcp' }) });
  }
}

async function answer(session: McpSession, message: JSONRPCMessage, response: Response): Promise<void> {
  if (!('method' in message) || !('id' in message)) {
    await session.handle(message);
    response.status(202).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const reply = await session.handle(message);
  if (reply === 'silence') return; // until the client goes, or the sandbox stops
  if (reply === 'death') response.destroy();
  else response.end(`event: message\ndata: ${reply.send}\n\n`);
}

function refuse(response: Response, status: number, code: number, message: string): void {
  response.status(status).json({ jsonrpc: '2.0', id: null, error: { code, message } });
}
