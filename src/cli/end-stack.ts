import type { Stack } from '../stack/stack.ts';
import { aborted, type Interruption } from './interruption.ts';

/** Stops the stack in order; a second Ctrl-C kills it instead. Either way no process is left. */
export async function endStack(
  stack: Stack,
  { interruption, discard = false }: { interruption: Interruption; discard?: boolean },
): Promise<void> {
  const killed = aborted(interruption.second).then(() => stack.stop({ atOnce: true }));
  await Promise.race([stack.stop({ discard }), killed]);
}
