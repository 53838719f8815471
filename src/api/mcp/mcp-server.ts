import { randomUUID } from 'node:crypto';
import { McpServer, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ERROR_RULES, errorBody } from '../../contract/error-body.ts';
import { asApiError } from '../as-api-error.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { registerResources } from './resources.ts';
import { toolResult, type Tool, type ToolDeps } from './tool.ts';
import { TOOLS } from './tools/index.ts';

const INSTRUCTIONS =
  'Makes finished short videos (film, cover, captions, editable CapCut draft) from one line of theme. ' +
  'Usual way: generate_video, then wait_for_video until `ended` is true. Making a video costs money: estimate_cost says how much. ' +
  'A `partial` video is finished, and its `degradations` say what is not as asked: tell the person.';

/** One for each request over HTTP, one for each connection over stdio: it keeps nothing that another would miss. */
export function createMcpServer(deps: ToolDeps, { version }: { version: string }): McpServer {
  const server = new McpServer(
    { name: 'mcp-bridge', title: 'mcp-bridge', version },
    { instructions: INSTRUCTIONS, capabilities: { tools: { listChanged: false } } },
  );
  for (const tool of TOOLS) register(server, tool, deps);
  registerResources(server, deps);
  registerPrompt(server);
  return server;
}

/** Made once: a server is made for every request. */
const SCHEMAS = new Map(
  TOOLS.map(({ name, input, output }) => [
    name,
    { input: passing(jsonSchemaOf(input, 'input')), output: passing(jsonSchemaOf(output, 'output')) },
  ]),
);

/** Shown to clients; the tool itself checks its arguments, and names what is wrong as the HTTP API does. */
function passing(jsonSchema: Record<string, unknown>) {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'mcp-bridge',
      validate: (value: unknown) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: () => jsonSchema, output: () => jsonSchema },
    },
  };
}

function register(server: McpServer, tool: Tool, deps: ToolDeps): void {
  const { name, title, description, annotations } = tool;
  const { input, output } = SCHEMAS.get(name)!;
  server.registerTool(
    name,
    { title, description, inputSchema: input, outputSchema: output, annotations },
    (args: unknown, context: ServerContext) => called(tool, deps, { args: args as Record<string, unknown>, context }),
  );
}

async function called(
  tool: Tool,
  deps: ToolDeps,
  { args, context }: { args: Record<string, unknown>; context: ServerContext },
): Promise<CallToolResult> {
  const { log } = deps.gateway;
  const startedAt = performance.now();
  const line = (more: Record<string, unknown>) => ({
    ...{ tool: tool.name, durationMs: Math.round(performance.now() - startedAt) },
    ...more,
  });
  try {
    const told = await tool.call(deps, args, context);
    log.info(line({}), 'tool called');
    return toolResult({ ...told, data: told.data });
  } catch (error) {
    const fault = asApiError(error);
    const requestId = randomUUID();
    const fields = line({ code: fault.code, requestId });
    if (ERROR_RULES[fault.code].status >= 500) log.error({ ...fields, err: fault.cause ?? fault }, 'tool failed');
    else log.info(fields, 'tool refused');
    return errorResult(fault, { requestId, now: deps.gateway.clock() });
  }
}

/** An error that the model can read and mend, in the words and fields of the HTTP API. */
function errorResult(
  { code, message, details }: ReturnType<typeof asApiError>,
  context: { requestId: string; now: Date },
): CallToolResult {
  const lines = [`${code}: ${message}`, ...details.map(({ field, message: wrong }) => `- ${field} ${wrong}`)];
  const { error, request_id } = errorBody({ code, message, details }, context);
  return {
    isError: true,
    content: [
      { type: 'text', text: lines.join('\n') },
      { type: 'text', text: JSON.stringify({ error, request_id }) },
    ],
  };
}

function registerPrompt(server: McpServer): void {
  const argsSchema = z.object({ theme: z.string().describe('What the video is about, in one line.') });
  server.registerPrompt(
    'make_video',
    { title: 'Make a video', description: 'From a theme to the finished film.', argsSchema },
    ({ theme }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'text',
            text: `Make a short video about: ${theme}\nFirst tell me what it will cost (estimate_cost). Then start it (generate_video), wait for it (wait_for_video, again until it has ended), and give me the link to the film, and everything in it that is not as asked.`,
          },
        },
      ],
    }),
  );
}
