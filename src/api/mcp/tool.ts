import type { CallToolResult, ContentBlock, ServerContext, ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { fieldFaults } from '../../contract/field-faults.ts';
import { ApiError } from '../api-error.ts';
import type { Gateway } from '../http/gateway.ts';
import { wrongInWords } from '../videos/refusal.ts';

/** What a tool works with: the gateway's own parts, and where the people of its answers find assets. */
export interface ToolDeps {
  gateway: Gateway;
  urlOf: (sha256: string) => string;
}

export interface Told<Output> {
  data: Output;
  /** For people and models: what it means, in a line or two. */
  text: string;
  /** Files that belong to it. */
  links?: ContentBlock[];
}

/** One tool: its schemas are those of the HTTP API, and it calls the same functions. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  annotations: ToolAnnotations;
  /** `args` is an object, and nothing more is known of it. @throws ApiError */
  call(deps: ToolDeps, args: Record<string, unknown>, context: ServerContext): Promise<Told<z.input<Output>>>;
}

export const defineTool = <Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> => tool;

/** The arguments as the schema has them. @throws ApiError INVALID_REQUEST, which names every wrong one. */
export function checkedArguments<Schema extends z.ZodObject>(schema: Schema, args: unknown): z.output<Schema> {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const details = fieldFaults(parsed.error, Object.keys(schema.shape), 'arguments');
  throw new ApiError('INVALID_REQUEST', wrongInWords('argument', details.length), { details });
}

/** The answer in both forms: as data for programs, and in words with the same data for models that see only text. */
export function toolResult({ data, text, links = [] }: Told<Record<string, unknown>>): CallToolResult {
  return {
    content: [{ type: 'text', text }, { type: 'text', text: JSON.stringify(data) }, ...links],
    structuredContent: data,
  };
}
