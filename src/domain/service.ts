import type { PurchasePurpose } from './ledger-line.ts';

/** What is asked of others, each with a circuit breaker of its own. */
export const SERVICES = [
  'doubao_chat',
  'doubao_text2image',
  'doubao_text2video',
  'doubao_speech',
  'doubao_embedding',
  'capcut_render',
] as const;
export type Service = (typeof SERVICES)[number];

/** The ways there: each has a breaker too, for what no service on it can help. */
export const CHANNELS = ['mcp_channel', 'http_channel'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What is bought over whichever channel serves: pictures and clips. The rest has one way. */
export const ASSET_PURPOSES = ['still', 'clip'] as const satisfies PurchasePurpose[];
export type AssetPurpose = (typeof ASSET_PURPOSES)[number];

/** Where a draft can be made: what is written here needs nobody. */
export const DRAFT_CHANNELS = [...CHANNELS, 'local_draft'] as const;
export type DraftChannel = (typeof DRAFT_CHANNELS)[number];

/** Whom a purchase is made from. */
export function serviceOf(purpose: PurchasePurpose): Service {
  switch (purpose) {
    case 'script':
    case 'script_repair':
    case 'script_critique':
    case 'script_rewrite':
    case 'prompt_rewrite':
      return 'doubao_chat';
    case 'still':
      return 'doubao_text2image';
    case 'clip':
      return 'doubao_text2video';
    case 'narration':
    case 'narration_retake':
      return 'doubao_speech';
    case 'embedding':
      return 'doubao_embedding';
  }
}
