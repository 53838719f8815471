import type { Config } from '../../config.ts';
import type { ConfigView } from '../../contract/config-view.ts';

/** Field by field what may be seen: whatever is added to the configuration stays unseen until it is named here. */
export function viewConfig(config: Config): ConfigView {
  const { ark, channels, uploadLimits, live } = config;
  return {
    version: config.version,
    sandbox: config.sandboxed,
    models: {
      ...{ chat: ark.chatModel, image: ark.imageModel, video: ark.videoModel },
      speech_api: config.speech.api,
    },
    channels: {
      doubao: { http_channel: true, mcp_channel: channels.doubao.mcp !== null },
      capcut: { http_channel: channels.capcut.http !== null, mcp_channel: channels.capcut.mcp !== null },
    },
    stores: {
      database: config.databaseUrl === null ? 'embedded' : 'postgres',
      assets: config.s3 === null ? 'folder' : 'object_store',
      redis: config.redisUrl !== null,
    },
    limits: {
      max_upload_bytes: config.maxUploadBytes,
      max_uploads: uploadLimits.maxCount,
      max_uploads_total_bytes: uploadLimits.maxTotalBytes,
      idempotency_key_days: config.idempotencyKeyDays,
      retention_days: config.retentionDays,
      status_deadline_ms: config.statusDeadlineMs,
      videos_under_way: config.maxVideosUnderWay,
      live_connections: live.maxConnections,
    },
    policy: {
      parallel_processing: config.parallel,
      error_handling: config.errorHandling,
      circuit_breaker: config.circuitBreakers,
      prices: config.prices,
      storyboard: config.storyboard,
      labelling: config.labelling,
    },
  };
}
