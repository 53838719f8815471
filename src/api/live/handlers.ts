import { z } from 'zod';
import { type CommandName, type CommandParams, type CommandResult, COMMANDS } from '../../contract/commands.ts';
import { fieldFaults } from '../../contract/field-faults.ts';
import { QUERIES } from '../../contract/queries.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { ApiError } from '../api-error.ts';
import type { Gateway } from '../http/gateway.ts';
import { listQueues } from '../system/list-queues.ts';
import { listWorkers } from '../system/list-workers.ts';
import { readStats } from '../system/read-stats.ts';
import { listVideos } from '../videos/list-videos.ts';
import { wrongInWords } from '../videos/refusal.ts';
import { stopVideo } from '../videos/stop-video.ts';
import { viewVideo } from '../videos/view-video.ts';
import { executeQuery } from './execute-query.ts';

/** What a command may use of the connection it came over. */
export interface CommandContext {
  gateway: Gateway;
  /** Where assets of an answer are found. */
  urlOf: (sha256: string) => string;
  subscribe(params: CommandParams<'subscribe'>): Promise<CommandResult<'subscribe'>>;
  unsubscribe(params: CommandParams<'unsubscribe'>): CommandResult<'unsubscribe'>;
}

type Handlers = {
  [Name in CommandName]: (
    context: CommandContext,
    params: CommandParams<Name>,
  ) => CommandResult<Name> | Promise<CommandResult<Name>>;
};

/** What each command does: the functions that the HTTP routes call. */
const HANDLERS: Handlers = {
  ping: ({ gateway }) => ({ at: gateway.clock().toISOString() }),
  list_commands: () => described(),
  get_stats: ({ gateway }, { window }) => readStats({ ...gateway, tenant: LOCAL_TENANT }, window),
  execute_query: async ({ gateway }, asked) => ({
    query: asked.query,
    rows: await executeQuery({ ...gateway, tenant: LOCAL_TENANT }, asked),
  }),
  subscribe: ({ subscribe }, params) => subscribe(params),
  unsubscribe: ({ unsubscribe }, params) => unsubscribe(params),
  get_video: ({ gateway, urlOf }, { id }) =>
    viewVideo({ ...gateway, tenant: LOCAL_TENANT, onFound: () => {} }, id, urlOf),
  list_videos: ({ gateway }, query) => listVideos(gateway, LOCAL_TENANT, query),
  cancel_video: async ({ gateway }, { id }) => {
    const { status } = await stopVideo({ ...gateway, tenant: LOCAL_TENANT }, id);
    return { id, status };
  },
  get_queues: async ({ gateway }) => ({ queues: await listQueues(gateway) }),
  get_workers: async ({ gateway }) => ({ workers: await listWorkers(gateway) }),
};

/** @throws ApiError COMMAND_NOT_FOUND, INVALID_REQUEST that names every wrong parameter, and whatever the command throws */
export async function runCommand(context: CommandContext, command: string, params: unknown): Promise<unknown> {
  if (!Object.hasOwn(COMMANDS, command))
    throw new ApiError('COMMAND_NOT_FOUND', `There is no such command; there are ${Object.keys(COMMANDS).join(', ')}.`);
  const name = command as CommandName;
  const checked = checkedParams(COMMANDS[name].params, params ?? {});
  const handle = HANDLERS[name] as (context: CommandContext, params: unknown) => unknown;
  return handle(context, checked);
}

/** @throws ApiError INVALID_REQUEST */
export function checkedParams<Schema extends z.ZodObject>(schema: Schema, params: unknown): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const details = fieldFaults(parsed.error, Object.keys(schema.shape), 'params');
  throw new ApiError('INVALID_REQUEST', wrongInWords('parameter', details.length), { details });
}

function described(): CommandResult<'list_commands'> {
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') =>
    z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return {
    commands: Object.entries(COMMANDS).map(([command, { description, params, result }]) => ({
      ...{ command, description },
      ...{ params: schemaOf(params, 'input'), result: schemaOf(result, 'output') },
    })),
    queries: Object.entries(QUERIES).map(([query, { description, params, row }]) => ({
      ...{ query, description, params: schemaOf(params, 'input'), row: schemaOf(row, 'output') },
    })),
  };
}
