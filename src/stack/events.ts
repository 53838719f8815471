export type ProgramName = 'temporal' | 'sandbox' | 'database' | 'worker' | 'gateway';

/** What happens in a stack, for whoever shows it to a person. */
export type StackEvent =
  | { type: 'note'; message: string }
  | { type: 'program-ready'; name: ProgramName; tookMs: number }
  | { type: 'program-exited'; name: ProgramName; code: number | null; signal: string | null }
  | { type: 'program-restarting'; name: ProgramName; delayMs: number };

/** A stack that cannot start, in words for the person who started it. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
