import type { Config } from '../config.ts';
import type { StackEvent } from '../stack/events.ts';
import { usesSandbox } from '../stack/programs.ts';
import { startStack } from '../stack/stack.ts';
import { aborted, Interrupted, listenForInterruption } from './interruption.ts';
import { pruneRegularly } from './prune.ts';
import { createScreen } from './screen.ts';
import { endStack } from './end-stack.ts';
import { eventInWords, SANDBOX_NOTICE, urlsInWords } from './stack-words.ts';

/** The stack, up until Ctrl-C. Resolves to the exit code. */
export async function start(config: Config): Promise<number> {
  const screen = createScreen();
  const interruption = listenForInterruption();
  const onEvent = (event: StackEvent) => screen.say(eventInWords(event));
  try {
    if (usesSandbox(config)) screen.say(SANDBOX_NOTICE);
    const stack = await startStack({ config, onEvent, signal: interruption.first });
    screen.say(['The stack is up; Ctrl-C ends it.', ...urlsInWords(stack)].join('\n'));
    screen.say(`Try it:\n  ${exampleCommand(stack.urls.gateway)}`);
    const endPruning = pruneRegularly(config, (message) => screen.say(message));
    await aborted(interruption.first);
    endPruning();
    screen.say('Stopping. A paid call that is under way is waited for; Ctrl-C again ends everything at once.');
    await endStack(stack, { interruption });
    screen.say('Stopped.');
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    throw error;
  } finally {
    interruption.done();
  }
}

function exampleCommand(gatewayUrl: string): string {
  const body = JSON.stringify({ video_theme: '介绍我们的新款智能手表', duration: 15 });
  return `curl -H 'Content-Type: application/json' -d '${body}' ${gatewayUrl}/api/v1/generate-video`;
}
