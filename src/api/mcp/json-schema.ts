import { z } from 'zod';

/** What zod's own JSON Schema cannot say is said by schemas themselves, for OpenAPI too. */
interface Said {
  override?: Record<string, unknown>;
  example?: unknown;
}

/**
 * A schema as MCP clients are shown it: the same one that checks, in one piece. Models and the tools between them read
 * references badly, and names of parts are OpenAPI's business.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io,
    metadata: unnamed,
    override: ({ zodSchema, jsonSchema }) => {
      const { override, example } = (z.globalRegistry.get(zodSchema as unknown as z.ZodType) ?? {}) as Said;
      Object.assign(jsonSchema, override, example === undefined ? {} : { examples: [example] });
    },
  });
}

/** Descriptions, without what is not JSON Schema. */
const unnamed = {
  get(schema: z.core.$ZodType) {
    const {
      id: _id,
      override: _said,
      example: _shown,
      ...rest
    } = z.globalRegistry.get(schema as unknown as z.ZodType) ?? {};
    return rest;
  },
} as unknown as z.core.$ZodRegistry<Record<string, unknown>>;
