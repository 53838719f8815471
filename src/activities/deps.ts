import type { Guard } from '../breakers/breakers.ts';
import type { AssetShop, Ways } from '../channels/buy-asset.ts';
import type { FallbackStrategies, Labelling, Prices } from '../domain/config-files.ts';
import type { EmbeddingEndpoint } from '../domain/embedding-models.ts';
import type { Prompts } from '../domain/prompt-files.ts';
import type { PurchaseDesk } from '../ledger/purchase-desk.ts';
import type { Channel, DraftChannel } from '../domain/service.ts';
import type { Capcut } from '../providers/capcut/interfaces.ts';
import type { CapcutSight } from '../providers/capcut/write-draft.ts';
import type { Ark, AssetProvider, Speech } from '../providers/doubao/interfaces.ts';
import type { AssetStore } from '../store/asset-store.ts';
import type { SegmentStore } from '../store/segment-store.ts';
import type { StillCatalogue } from '../store/still-catalogue.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';

/** What activities work with. Built once per worker; only base URLs and keys tell the sandbox from the real thing. */
export interface ActivityDeps {
  ark: Ark;
  speech: Speech;
  assets: AssetStore;
  /** Encoded pieces of films. */
  segments: SegmentStore;
  /** Bought pictures, by what they show. */
  stills: StillCatalogue;
  desk: PurchaseDesk;
  /** Pictures and clips are bought here, over the channels below. */
  shop: AssetShop;
  ways: { still: Ways<Pick<AssetProvider, 'createImage'>>; clip: Ways<AssetProvider> };
  prices: Prices;
  /** How films say that they are made by AI. */
  labelling: Labelling;
  models: { chat: string; image: string; imageFamily: string | null; video: string; videoFamily: string | null };
  /** The provider's own embeddings of pictures' prompts; null: only those that are made here. */
  embedding: { model: string; endpoint: EmbeddingEndpoint; similarEnough: number } | null;
  /** Fetches what a provider's URL points to, guarded, and tells its type from its content. */
  downloadImage(url: string): Promise<{ bytes: Buffer; mediaType: string }>;
  downloadClip(url: string): Promise<{ bytes: Buffer; mediaType: string }>;
  /** How often a clip under way is asked for. */
  clipPollMs: number;
  /** What the script writer, its critic and those who rewrite lines and prompts are told, and the forms of their answers. */
  prompts: Prompts;
  /** Whether each script is read by a critic: one more chat call. */
  critic: boolean;
  ffmpeg: string;
  /** How long an ffmpeg of a render may stand still before it is ended. */
  renderStallMs: number;
  /** Folder of renders under way; one sub-folder a video. */
  workDir: string;
  /** Absolute: drafts name their media by it. */
  draftsRoot: string;
  /** The ways to a draft. */
  drafts: DraftDeps;
  /** Where events wait for their receivers, and what sends them. */
  webhooks: WebhookDesk;
  /** The providers are the sandbox: results say so. */
  sandboxed: boolean;
  /** Ends what was started for activities: children, and connections that would keep the process. */
  close(): Promise<void>;
}

export interface DraftDeps {
  strategy: FallbackStrategies['project_creation'];
  guard: Guard;
  /** CapCutAPI servers that are configured, by the way there. */
  capcut: Partial<Record<Channel, Capcut>>;
  sight: CapcutSight;
  /** A draft was made, but not the way it should have been. */
  onFallback(fallback: { from: DraftChannel; to: DraftChannel }): void;
}
