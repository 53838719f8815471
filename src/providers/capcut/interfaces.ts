import type { Canvas } from '../../domain/canvas.ts';

/** What is asked of CapCutAPI to put something into a draft. */
export const CAPCUT_TOOLS = ['add_image', 'add_video', 'add_audio', 'add_text', 'add_video_keyframe'] as const;

/** One call: a tool over MCP, a path over HTTP. All that we use have the same parameters on both. */
export interface CapcutCall {
  tool: (typeof CAPCUT_TOOLS)[number];
  parameters: { track_name: string; [name: string]: unknown };
}

/** A draft under way, in the memory of one server: it is made wholly there, or not at all. */
export interface CapcutDraft {
  readonly id: string;
  /** @throws ProviderError when it was refused, lost, or taken for another draft. */
  add(call: CapcutCall): Promise<void>;
  /** Writes it to `<folder>/<id>` on the server's disk. @throws ProviderError unless the server confirms it. */
  save(folder: string): Promise<void>;
  /** Ends the connection, and the child that spoke over it. */
  close(): Promise<void>;
}

/** One way to a CapCutAPI server. */
export interface Capcut {
  /** @throws ProviderError when there is no such server; the signal's reason on abort, then and in all later calls. */
  begin(canvas: Canvas, options: { signal: AbortSignal }): Promise<CapcutDraft>;
}
