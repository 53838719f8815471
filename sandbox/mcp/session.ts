import { setTimeout as sleep } from 'node:timers/promises';

import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolResult,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import type { Fault } from '../faults.ts';
import type { ArkCaller } from './ark-caller.ts';
import { TOOLS } from './tools.ts';

/** What becomes of a request: text for the wire, silence, or the end of the server. */
export type Reply = { send: string } | 'silence' | 'death';

export interface McpSession {
  handle(message: JSONRPCMessage): Promise<Reply>;
}

interface Surroundings {
  ark: ArkCaller;
  /** `text` is the method, of a call with its tool and its arguments: what fault rules look at. */
  nextFault(text: string): Promise<Fault | undefined>;
}

/** One client's session: the protocol is the library's, its answers may be spoilt before they go out. */
export async function openSession({ ark, nextFault }: Surroundings): Promise<McpSession> {
  const [client, server] = InMemoryTransport.createLinkedPair();
  const waiting = new Map<string | number, (answer: JSONRPCMessage) => void>();
  client.onmessage = (message) => {
    if ('id' in message && message.id !== undefined) waiting.get(message.id)?.(message);
  };
  await serverOf(ark).connect(server);

  const answerTo = (request: JSONRPCRequest): Promise<JSONRPCMessage> =>
    new Promise((resolve, reject) => {
      waiting.set(request.id, (answer) => {
        waiting.delete(request.id);
        resolve(answer);
      });
      client.send(request).catch(reject);
    });

  return {
    async handle(message) {
      if (!('method' in message) || !('id' in message)) {
        await client.send(message);
        return 'silence';
      }
      const { method, params } = message;
      const fault = await nextFault(method === 'tools/call' ? `${method} ${JSON.stringify(params)}` : method);
      return spoilt(fault, () => answerTo(message));
    },
  };
}

async function spoilt(fault: Fault | undefined, work: () => Promise<JSONRPCMessage>): Promise<Reply> {
  if (fault === undefined) return { send: JSON.stringify(await work()) };
  if (fault.delayMs) await sleep(fault.delayMs);
  if (fault.hang === true || fault.die === true) {
    if (fault.billed === true) await work();
    return fault.die === true ? 'death' : 'silence';
  }
  const answer = structuredClone(await work()) as JSONRPCMessage & { result?: Record<string, unknown> };
  if (fault.garbage === true) return { send: JSON.stringify(answer).replaceAll('"', '') };
  if (fault.wrongId === true) return { send: JSON.stringify({ ...answer, id: 987_654_321 }) };
  if (fault.protocolVersion !== undefined && answer.result !== undefined)
    answer.result['protocolVersion'] = fault.protocolVersion;
  if (fault.padBytes !== undefined && answer.result !== undefined)
    answer.result['_meta'] = { padding: 'x'.repeat(fault.padBytes) };
  return { send: JSON.stringify(answer) };
}

const OUTPUT = {
  type: 'object',
  properties: { result: { type: 'object', additionalProperties: true } },
  required: ['result'],
} as const;

function serverOf(ark: ArkCaller): Server {
  // As it introduces itself: without a version.
  const server = new Server({ name: 'AI Generation Server', version: '' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: TOOLS.map(({ name, description, input }) => {
      const inputSchema = z.toJSONSchema(input, { io: 'input' }) as { type: 'object' };
      return { name, description, inputSchema, outputSchema: OUTPUT };
    }),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    const tool = TOOLS.find(({ name }) => name === params.name);
    if (tool === undefined) return errorText(`Unknown tool: ${params.name}`);
    const input = tool.input.safeParse(params.arguments ?? {});
    if (!input.success) {
      const [issue] = input.error.issues;
      const what = `${tool.name}Arguments\n${issue?.path.join('.')}\n  ${issue?.message}`;
      return errorText(`Error executing tool ${tool.name}: ${input.error.issues.length} validation error for ${what}`);
    }
    const result = await tool.call(ark, input.data);
    return {
      content: [{ type: 'text', text: JSON.stringify(result, null, 2) }],
      structuredContent: { result },
      isError: false,
    };
  });
  return server;
}

const errorText = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true });
