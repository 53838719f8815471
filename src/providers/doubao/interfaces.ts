import type { AspectRatio } from '../../domain/canvas.ts';
import type { ClipResolution } from '../../domain/clip-models.ts';
import type { EmbeddingEndpoint } from '../../domain/embedding-models.ts';
import type { WordTiming } from '../../domain/word-timing.ts';

/** What the activities need of Ark over HTTP. */
export interface Ark extends AssetProvider {
  chat(request: ChatRequest): Promise<ChatAnswer>;
  /** Paid too, and sent once. */
  embed(request: EmbeddingRequest): Promise<EmbeddingAnswer>;
}

export interface EmbeddingRequest {
  model: string;
  endpoint: EmbeddingEndpoint;
  text: string;
}

export interface EmbeddingAnswer {
  /** As many as the model gives; of any length. */
  values: number[];
  model: string;
  /** What was billed; null when it was not said. */
  inputTokens: number | null;
}

/**
 * Pictures and clips, over either channel. `chat`, `createImage` and `createClip` are paid: each is sent once, never
 * repeated inside and never aborted. Errors are ProviderError.
 */
export interface AssetProvider {
  createImage(request: ImageRequest): Promise<ImageAnswer>;
  createClip(request: ClipRequest): Promise<{ taskId: string; model: string }>;
  readClip(taskId: string): Promise<ClipTask>;
  /** The newest tasks first, of the last seven days: what was sent and never answered is looked for here, by its seed. */
  listClips(filter: { model: string; pageSize: number }): Promise<ClipTask[]>;
  /** Only a queued task can be called off: false when it is too late. Asked of one that has ended, its record may be gone. */
  cancelClip(taskId: string): Promise<boolean>;
}

export interface ClipRequest {
  model: string;
  prompt: string;
  /** Legal for the model (`clipShapeFor`). */
  ratio: AspectRatio;
  resolution: ClipResolution;
  durationSeconds: number;
  /** Sent only to models that take one. */
  seed: number;
  /** A picture to begin with, as a data URI. Sent only to models that take one. */
  firstFrame?: string | null;
}

export const CLIP_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired'] as const;

export interface ClipTask {
  id: string;
  model: string;
  state: (typeof CLIP_STATES)[number];
  /** MP4, presigned, GET only, valid for 24 hours; null until it has succeeded. */
  url: string | null;
  /** What was billed; null until it has succeeded, or when it was not said. */
  tokens: number | null;
  /** As the task was given it, or as it was chosen; null when it was not said. */
  seed: number | null;
  /** Why it failed. */
  error: { code: string; message: string } | null;
  createdAtMs: number | null;
}

export interface ChatRequest {
  model: string;
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** The answer must be one JSON document of this JSON Schema (strict). */
  jsonSchema: { name: string; schema: Record<string, unknown> };
  maxTokens: number;
  /**
   * A model that takes no JSON Schema refuses it with the code `ResponseFormatUnsupported`, unbilled. The caller may then
   * ask for a plain object; the prompt must say "JSON" and give the schema itself.
   */
  responseFormat?: 'json_schema' | 'json_object';
}

export interface ChatAnswer {
  content: string;
  finishReason: string;
  model: string;
  /** As reported by the provider; null when it did not say. */
  usage: { inputTokens: number; outputTokens: number } | null;
}

export interface ImageRequest {
  model: string;
  prompt: string;
  /** Pixels; must be legal for the model (`imageSizeFor`). */
  width: number;
  height: number;
  /** Sent only to models that take one. */
  seed: number;
  /** A picture to take after, as a data URI (`referenceImageOf`). Sent only to models that take one. */
  referenceImage?: string | null;
}

export interface ImageAnswer {
  /** Presigned, GET only, valid for 24 hours; keep the query string byte-exact. */
  url: string;
  model: string;
  /** What was billed; null when it was not said. */
  generatedImages: number | null;
}

/** What the activities need of Doubao Speech. One paid request per call, never repeated inside. */
export interface Speech {
  synthesize(request: SpeechRequest): Promise<SpeechAnswer>;
}

export interface SpeechRequest {
  text: string;
  voice: string;
  /** UUID, new for every request. */
  requestId: string;
}

export interface SpeechAnswer {
  /** Signed 16-bit little-endian mono. */
  pcm: Buffer;
  sampleRate: number;
  durationMs: number;
  /** In the order spoken, clamped to the duration; empty when the voice gives none. */
  words: WordTiming[];
  /** Characters billed, if reported. */
  billedCharacters: number | null;
  /** Resource (V3) or cluster (V1) that was billed, such as `seed-tts-1.0`. */
  model: string;
}
