import { z } from 'zod';
import { QUEUES } from './queues.ts';
import { ASSET_PURPOSES, CHANNELS, DRAFT_CHANNELS } from './service.ts';
import { ASSET_TYPES } from './video-spec.ts';

/** The YAML files of config/, in the shape the origin documents gave them. */

const Branch = z.strictObject({
  max_concurrent_tasks: z.int().min(1).max(100),
  timeout_seconds: z.number().positive().max(3600),
  retry_attempts: z.int().min(1).max(20),
  /** Workers serve no other: a branch on an unknown queue would wait for ever. */
  queue_name: z.enum(QUEUES),
});

const VisualBranch = Branch.extend({
  /** How long a clip is waited for, from the moment it was ordered. */
  clip_timeout_seconds: z.number().positive().max(86_400).default(600),
  /** How often is asked for it; each time a quarter more or less. */
  clip_poll_seconds: z.number().min(0.1).max(60).default(4),
});

const Pool = z.strictObject({
  max_connections: z.int().min(1).max(1000),
  connection_timeout: z.number().positive(),
  read_timeout: z.number().positive(),
});
export type PoolSettings = z.infer<typeof Pool>;

export const ParallelFile = z.strictObject({
  parallel_processing: z.strictObject({
    audio_branch: Branch,
    visual_branch: VisualBranch,
    sync_points: z.strictObject({
      audio_visual_sync: z.strictObject({
        timeout_seconds: z.number().positive(),
        timeout_seconds_by_asset_type: z.partialRecord(z.enum(ASSET_TYPES), z.number().positive()).default({}),
        required_branches: z.array(z.enum(['audio', 'visual'])).min(1),
        failure_strategy: z.enum(['partial_continue', 'fail_fast']),
        min_real_pictures: z.int().min(1).default(1),
      }),
    }),
    resource_pools: z.strictObject({ doubao_api: Pool, capcut_api: Pool }),
  }),
});
export type ParallelConfig = z.infer<typeof ParallelFile>['parallel_processing'];

const RetryStrategy = z.strictObject({
  max_attempts: z.int().min(1).max(100),
  backoff_strategy: z.enum(['exponential', 'linear']),
  /** Seconds. */
  base_delay: z.number().positive(),
  max_delay: z.number().positive(),
  jitter: z.boolean().default(false),
});
export type RetryStrategy = z.infer<typeof RetryStrategy>;

/** How fast calls follow each other after a provider refused some with 429. Not in the origin's file. */
const AdaptiveRate = z.strictObject({
  /** Never slower: calls a second. */
  floor_per_second: z.number().positive().max(50).default(0.2),
  /** Up by so much, so often, while none is refused. */
  raise_by_per_second: z.number().positive().max(50).default(0.25),
  raise_every_seconds: z.number().positive().max(3600).default(5),
  /** No refusal for so long and few calls: no limit. */
  quiet_seconds: z.number().positive().max(3600).default(60),
});
export type AdaptiveRateSettings = z.infer<typeof AdaptiveRate>;

/** One after the other, or a single one, as the origin's file has it. */
const oneOrMore = <T extends z.ZodType>(each: T) => z.union([each.transform((one) => [one]), z.array(each)]);

/** Which way is tried first, and which then. A way that is not configured is passed over. */
const FallbackStrategies = z.strictObject({
  asset_generation: z
    .strictObject({
      primary: z.enum(CHANNELS).default('mcp_channel'),
      fallback: oneOrMore(z.enum(CHANNELS)).default(['http_channel']),
      /** Whether a lost picture may be replaced by one that an earlier video has bought for a similar prompt. */
      cache_fallback: z.boolean().default(true),
    })
    .prefault({}),
  project_creation: z
    .strictObject({
      primary: z.enum(DRAFT_CHANNELS).default('mcp_channel'),
      fallback: oneOrMore(z.enum(DRAFT_CHANNELS)).default(['http_channel', 'local_draft']),
      /** Whether it is announced when a draft came by another way than the first that is configured. */
      notification_required: z.boolean().default(true),
    })
    .prefault({}),
});
export type FallbackStrategies = z.infer<typeof FallbackStrategies>;

export const ErrorHandlingFile = z.strictObject({
  error_handling: z.strictObject({
    retry_strategies: z.strictObject({
      network_errors: RetryStrategy,
      api_rate_limit: RetryStrategy,
      temporary_failures: RetryStrategy,
    }),
    fallback_strategies: FallbackStrategies.prefault({}),
    adaptive_rate: AdaptiveRate.prefault({}),
  }),
});
export type ErrorHandling = z.infer<typeof ErrorHandlingFile>['error_handling'];
export type RetryStrategies = ErrorHandling['retry_strategies'];

const CircuitBreaker = z.strictObject({
  /** So many failures in a row open it. */
  failure_threshold: z.int().min(1).max(1000),
  /** A call that takes longer counts as a failure when it ends: a paid one is never aborted. */
  timeout_seconds: z.number().positive().max(3600),
  /** Calls let through at once while it is tried whether the provider is back; the first of them decides. */
  half_open_max_calls: z.int().min(1).max(100).default(1),
  /** Seconds until that is tried. */
  recovery_timeout: z.number().positive().max(3600).default(60),
});
export type BreakerSettings = z.infer<typeof CircuitBreaker>;

export const CircuitBreakerFile = z.strictObject({
  circuit_breaker: z.strictObject({
    mcp_channel: CircuitBreaker,
    http_channel: CircuitBreaker,
    services: z.strictObject({
      doubao_text2image: CircuitBreaker,
      doubao_text2video: CircuitBreaker,
      capcut_render: CircuitBreaker,
      // Not in the origin's file.
      doubao_chat: CircuitBreaker.prefault({ failure_threshold: 3, timeout_seconds: 120 }),
      doubao_speech: CircuitBreaker.prefault({ failure_threshold: 3, timeout_seconds: 30 }),
      doubao_embedding: CircuitBreaker.prefault({ failure_threshold: 3, timeout_seconds: 10 }),
    }),
  }),
});
export type CircuitBreakers = z.infer<typeof CircuitBreakerFile>['circuit_breaker'];

const UrlChannel = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).default({}),
});
export type UrlChannel = z.infer<typeof UrlChannel>;

const CommandChannel = z.strictObject({
  /** Spoken to over its stdin and stdout. */
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** Beside what a child is given anyway (PATH, HOME, …). */
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().min(1).optional(),
});
export type CommandChannel = z.infer<typeof CommandChannel>;
export type McpChannel = CommandChannel | UrlChannel;

/** Three tries of ten minutes, which the client inside of seedance-mcp-server makes of one picture, and its pauses. */
const MCP_STILL_SECONDS = 1_860;
/** The same server gives up creating a task after a minute. */
const MCP_CLIP_SECONDS = 90;

const Mcp = z.union([CommandChannel, UrlChannel]).nullable().default(null);

export const ChannelsFile = z.strictObject({
  channels: z.strictObject({
    doubao: z
      .strictObject({
        mcp: Mcp,
        /** What is bought over it; what is not named goes the other ways. */
        mcp_serves: z.array(z.enum(ASSET_PURPOSES)).default([...ASSET_PURPOSES]),
        /** How long the answer to a purchase is waited for: longer than the server's own limits, for it is never called off. */
        mcp_answer_seconds: z
          .strictObject({
            still: z.number().positive().max(7200).default(MCP_STILL_SECONDS),
            clip: z.number().positive().max(7200).default(MCP_CLIP_SECONDS),
          })
          .prefault({}),
      })
      .prefault({}),
    capcut: z
      .strictObject({
        mcp: Mcp,
        http: UrlChannel.nullable().default(null),
        /** DRAFTS_ROOT as the servers see it; null: as we do. They write drafts into it. */
        drafts_root: z.string().min(1).nullable().default(null),
        /** How they come by pictures and sound: from below that folder, or from the gateway at PUBLIC_URL. */
        media: z.enum(['paths', 'urls']).default('paths'),
      })
      .prefault({}),
  }),
});
export type ChannelSettings = z.infer<typeof ChannelsFile>['channels'];

const ChatPrice = z.strictObject({
  input_per_million: z.number().nonnegative(),
  output_per_million: z.number().nonnegative(),
});
const withDefault = <T extends z.ZodType>(price: T) => z.object({ default: price }).catchall(price);

export const PricesFile = z.strictObject({
  prices: z.strictObject({
    chat: withDefault(ChatPrice),
    image: withDefault(z.number().nonnegative()),
    speech: withDefault(z.number().nonnegative()),
    /** Files from before there were clips have none. */
    video: withDefault(z.number().nonnegative()).default({ default: 15 }),
    /** Nor embeddings. */
    embedding: withDefault(z.number().nonnegative()).default({ default: 0.7 }),
  }),
});
export type Prices = z.infer<typeof PricesFile>['prices'];

export const StoryboardFile = z.strictObject({
  storyboard: z.strictObject({
    /** One more chat call a film, which checks narration against pictures. */
    critic: z.boolean().default(false),
    /** A picture whose prompt the provider refuses is asked for once more, in other words. */
    rewrite_rejected_prompts: z.boolean().default(false),
  }),
});
export type StoryboardSettings = z.infer<typeof StoryboardFile>['storyboard'];

export const LABEL_POSITIONS = ['top_left', 'top_right'] as const;
/** GB 45438-2025: a label's text is at least this share of the picture's shorter side high … */
export const LEAST_TEXT_HEIGHT = 0.05;
/** … and stands at least this long over the opening picture, at normal speed. */
export const LEAST_LABEL_SECONDS = 2;

/** How finished videos say that they are made by AI. What the law asks for is in docs/labelling.md. */
export const LabellingFile = z.strictObject({
  labelling: z.strictObject({
    /** Draws the label over the opening picture. Turn off only where it is added elsewhere. */
    visible: z.boolean().default(true),
    seconds: z.number().min(LEAST_LABEL_SECONDS).max(180).default(3),
    position: z.enum(LABEL_POSITIONS).default('top_left'),
    /** Height of capital letters as a share of the shorter side. */
    text_height: z.number().min(LEAST_TEXT_HEIGHT).max(0.2).default(LEAST_TEXT_HEIGHT),
    /** By language tag; `default` for every other. Chinese law wants 人工智能 or AI, with 生成 or 合成. */
    texts: z.object({ default: z.string().min(1).max(40) }).catchall(z.string().min(1).max(40)),
    /** Name or code of the service, for the file's metadata. */
    content_producer: z.string().min(1).max(200),
    /** Only when the operator also publishes the videos on a platform of its own. */
    content_propagator: z.string().max(200).default(''),
  }),
});
export type Labelling = z.infer<typeof LabellingFile>['labelling'];
