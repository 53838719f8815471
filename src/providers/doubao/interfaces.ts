import type { WordTiming } from '../../domain/word-timing.ts';

/** What the activities need of Ark. Each call is one paid HTTP request, never repeated inside; errors are ProviderError. */
export interface Ark {
  chat(request: ChatRequest): Promise<ChatAnswer>;
  createImage(request: ImageRequest): Promise<ImageAnswer>;
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
  generatedImages: number;
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
