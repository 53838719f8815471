import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { fetch } from 'undici';
import { z } from 'zod';
import type { McpChannel } from '../../domain/config-files.ts';
import { ProviderError } from '../../domain/errors.ts';
import { systemCode } from '../error-code.ts';
import { bounded, transportTo } from '../mcp/transport.ts';
import { parseJson } from '../parse-json.ts';
import type { PoolLimits, ServicePool } from '../pool.ts';
import { capcutError, classifyCapcutError } from './capcut-errors.ts';
import { CAPCUT_TOOLS, type Capcut } from './interfaces.ts';
import { beginDraft, strange, type CapcutLine } from './session.ts';
import { SavedDraft, ToolAnswer } from './wire.ts';

/** Its longest answer is the list of its tools. */
const MAX_ANSWER_BYTES = 1024 * 1024;

interface CapcutMcpOptions {
  channel: McpChannel;
  /** For a server behind a URL. */
  pool: ServicePool;
  limits: Pick<PoolLimits, 'connectionTimeoutMs' | 'readTimeoutMs'>;
  /** Put before a command: its child dies with this process. */
  launcher: readonly string[];
}

/** CapCutAPI's MCP server: it serves one call after the other, so a child by command is one draft's alone. */
export function createCapcutMcp(options: CapcutMcpOptions): Capcut {
  return {
    begin: async (canvas, { signal }) => beginDraft(await mcpLine({ ...options, signal }), canvas),
  };
}

async function mcpLine({
  channel,
  pool,
  limits,
  launcher,
  signal,
}: CapcutMcpOptions & { signal: AbortSignal }): Promise<CapcutLine> {
  const client = new Client({ name: 'mcp-bridge', version: '1.0.0' });
  // Late answers, and answers to notifications, reach only this: the connection goes on. What breaks it fails the call.
  client.onerror = () => {};
  // Not each call by itself: the server would go on with it, and nothing else is wanted of this line.
  const hangUp = (): void => void client.close().catch(() => {});
  signal.addEventListener('abort', hangUp, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', hangUp);
    await client.close().catch(() => {});
  };
  const speak = async <T>(what: string, talk: () => Promise<T>): Promise<T> => {
    try {
      return await talk();
    } catch (error) {
      signal.throwIfAborted();
      throw asProviderError(error, what);
    }
  };

  const connect = async () => {
    signal.throwIfAborted();
    const way = { maxAnswerBytes: MAX_ANSWER_BYTES, fetch: fetchOver(pool), launcher };
    await client.connect(transportTo(channel, way), { timeout: limits.connectionTimeoutMs });
    // The server answers no ping. One page: a list without end is not CapCutAPI's.
    return (await client.listTools({}, { timeout: limits.connectionTimeoutMs })).tools;
  };
  try {
    const tools = new Map((await speak('is not there', connect)).map((tool) => [tool.name, tool.inputSchema]));
    if (['create_draft', 'save_draft', ...CAPCUT_TOOLS].some((name) => !tools.has(name)))
      throw strange('lacks tools of CapCutAPI');
    const ask: CapcutLine['ask'] = async (tool, parameters) => {
      const result = await speak(`broke off ${tool}`, () =>
        client.callTool({ name: tool, arguments: parameters }, undefined, { timeout: limits.readTimeoutMs }),
      );
      const answer = ToolAnswer.safeParse(textOf(result));
      if (!answer.success) throw strange('answered in another form than its own');
      if (answer.data.success) return answer.data.result;
      throw capcutError(classifyCapcutError({ status: null, error: answer.data.error }), `refused ${tool}`);
    };
    // Newer ones would copy the draft into the app's folder, too; older ones refuse what they do not know.
    const deploys = 'auto_deploy' in (tools.get('save_draft')?.properties ?? {});
    return {
      ask,
      async save(draftId, folder) {
        const parameters = { draft_id: draftId, draft_folder: folder, ...(deploys ? { auto_deploy: false } : {}) };
        const saved = SavedDraft.safeParse(await ask('save_draft', parameters));
        if (saved.success && saved.data.draft_url !== null) return;
        // Nobody can be asked how it went: any other answer may be a failure, too, which the folder then shows.
        throw capcutError({ kind: 'temporary_failure', code: 'NotSaved' }, 'did not save the draft');
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Over the service's sockets; no answer sends us elsewhere. */
const fetchOver =
  ({ agent }: ServicePool): FetchLike =>
  async (url, init) => {
    const answer = await fetch(url, { ...(init as object), dispatcher: agent, redirect: 'error' });
    const body = answer.body === null ? null : ReadableStream.from(bounded(answer.body, MAX_ANSWER_BYTES));
    return new Response(body, { status: answer.status, headers: [...answer.headers] });
  };

const ToolResult = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
});

/** The JSON in a result's text; undefined when there is none. */
function textOf(result: unknown): unknown {
  const text = ToolResult.safeParse(result).data?.content.find(({ type }) => type === 'text')?.text;
  return text === undefined ? undefined : parseJson(text);
}

/** Whatever breaks the line: nothing of a draft is paid, and it is begun anew elsewhere. */
function asProviderError(error: unknown, what: string): ProviderError {
  if (error instanceof ProviderError) return error;
  if (!(error instanceof McpError)) return capcutError({ kind: 'network_error', code: systemCode(error) }, what);
  switch (error.code as ErrorCode) {
    case ErrorCode.ConnectionClosed:
      return capcutError({ kind: 'network_error', code: 'ConnectionClosed' }, what);
    case ErrorCode.RequestTimeout:
      return capcutError({ kind: 'network_error', code: 'Timeout' }, what);
    default:
      return capcutError({ kind: 'network_error', code: 'ProtocolError' }, what);
  }
}
