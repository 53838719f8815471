import type { Canvas } from '../../domain/canvas.ts';
import { ProviderError } from '../../domain/errors.ts';
import { capcutError, UNKNOWN_TRANSITION } from './capcut-errors.ts';
import type { CapcutCall, CapcutDraft } from './interfaces.ts';
import { CreatedDraft, KeptDraft } from './wire.ts';

export type CapcutTool = CapcutCall['tool'] | 'create_draft' | 'save_draft';

/** How calls reach one server. */
export interface CapcutLine {
  /** What the tool has put out. @throws ProviderError for whatever is not a success in CapCutAPI's own form. */
  ask(tool: CapcutTool, parameters: Record<string, unknown>): Promise<unknown>;
  /** Saves, and finds out whether it has: the answer to the call itself says nothing. */
  save(draftId: string, folder: string): Promise<void>;
  close(): Promise<void>;
}

/** The same cross-dissolve for a server that knows CapCut's names, and for one that knows JianYing's. */
const CROSSFADES = ['Mix', '叠化'] as const;

/** Begins a draft on a line that is this draft's alone; a line that serves none is closed. */
export async function beginDraft(line: CapcutLine, { width, height }: Canvas): Promise<CapcutDraft> {
  try {
    const created = CreatedDraft.safeParse(await line.ask('create_draft', { width, height }));
    if (!created.success) throw strange('began no draft');
    return new Session(line, created.data.draft_id);
  } catch (error) {
    await line.close();
    throw error;
  }
}

class Session implements CapcutDraft {
  readonly id: string;
  readonly #line: CapcutLine;
  #crossfade: string = CROSSFADES[0];

  constructor(line: CapcutLine, id: string) {
    this.#line = line;
    this.id = id;
  }

  async add({ tool, parameters }: CapcutCall): Promise<void> {
    if (parameters['transition'] === undefined) return this.#put(tool, parameters);
    try {
      await this.#put(tool, { ...parameters, transition: this.#crossfade });
    } catch (error) {
      if (!isUnknownTransition(error) || this.#crossfade !== CROSSFADES[0]) throw error;
      // Refused before anything of it was in the draft.
      this.#crossfade = CROSSFADES[1];
      await this.#put(tool, { ...parameters, transition: this.#crossfade });
    }
  }

  async #put(tool: CapcutTool, parameters: Record<string, unknown>): Promise<void> {
    const kept = KeptDraft.safeParse(await this.#line.ask(tool, { ...parameters, draft_id: this.id }));
    if (!kept.success) throw strange('gave no draft back');
    // A server that was restarted does not know the draft, and makes a new one without a word.
    if (kept.data.draft_id !== this.id)
      throw capcutError({ kind: 'temporary_failure', code: 'DraftLost' }, 'put it into another draft');
  }

  save(folder: string): Promise<void> {
    return this.#line.save(this.id, folder);
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}

const isUnknownTransition = (error: unknown): boolean =>
  error instanceof ProviderError && error.details.code === UNKNOWN_TRANSITION;

/** An answer in no form of CapCutAPI's: something else is at that address. */
export const strange = (what: string): ProviderError =>
  capcutError({ kind: 'network_error', code: 'StrangeAnswer' }, what);
