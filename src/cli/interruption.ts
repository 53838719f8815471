/** Later signals this soon after the first are the same key press: a terminal and npm both pass a Ctrl-C on. */
const SAME_PRESS_MS = 700;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Thrown into what is under way when the person, or the system, wants it to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: keyof typeof EXIT_CODES) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = EXIT_CODES[signal];
  }
}

export interface Interruption {
  /** Aborted at the first Ctrl-C: end in order. */
  readonly first: AbortSignal;
  /** Aborted at the second: end at once. */
  readonly second: AbortSignal;
  /** Lets go of the signals. */
  done(): void;
}

/** Turns Ctrl-C, a polite kill and a closed terminal into two abort signals. */
export function listenForInterruption(): Interruption {
  const first = new AbortController();
  const second = new AbortController();
  let firstAt = 0;
  const handlers = (Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]).map((signal) => {
    const handler = () => {
      if (!first.signal.aborted) {
        firstAt = Date.now();
        first.abort(new Interrupted(signal));
      } else if (Date.now() - firstAt > SAME_PRESS_MS) second.abort(new Interrupted(signal));
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return {
    first: first.signal,
    second: second.signal,
    done: () => handlers.forEach(({ signal, handler }) => process.off(signal, handler)),
  };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
