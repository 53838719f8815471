import { z } from 'zod';

const Policy = (file: string) => z.looseObject({}).describe(`As in config/${file}.`);

/** What a gateway was started with, as far as it is nobody's secret: no key, no password, no address. */
export const ConfigView = z
  .strictObject({
    version: z.string().describe('Of the product.'),
    sandbox: z.boolean().describe('The paid services are the local sandbox.'),
    models: z.strictObject({
      chat: z.string(),
      image: z.string(),
      video: z.string(),
      speech_api: z.enum(['auto', 'v1', 'v3']),
    }),
    channels: z
      .strictObject({
        doubao: z.strictObject({ http_channel: z.boolean(), mcp_channel: z.boolean() }),
        capcut: z.strictObject({ http_channel: z.boolean(), mcp_channel: z.boolean() }),
      })
      .describe('Which ways are configured.'),
    stores: z.strictObject({
      database: z.enum(['embedded', 'postgres']),
      assets: z.enum(['folder', 'object_store']),
      redis: z.boolean(),
    }),
    limits: z.strictObject({
      max_upload_bytes: z.number().positive(),
      max_uploads: z.int().positive(),
      max_uploads_total_bytes: z.number().positive(),
      idempotency_key_days: z.int().positive(),
      retention_days: z.number().nonnegative().describe('0: for ever.'),
      status_deadline_ms: z.number().positive(),
      videos_under_way: z.int().nonnegative().describe('Videos under way at once; 0: no limit.'),
      live_connections: z.int().positive().describe('Event streams and WebSockets that may be open at once.'),
    }),
    policy: z.strictObject({
      parallel_processing: Policy('parallel_config.yaml'),
      error_handling: Policy('error_handling_config.yaml'),
      circuit_breaker: Policy('circuit_breaker_config.yaml'),
      prices: Policy('prices.yaml'),
      storyboard: Policy('storyboard_config.yaml'),
      labelling: Policy('labelling_config.yaml'),
    }),
  })
  .meta({ id: 'Config' });
export type ConfigView = z.infer<typeof ConfigView>;
