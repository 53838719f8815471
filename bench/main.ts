import { CommanderError } from 'commander';
import { bench } from './command.ts';
import { FIGURES } from './figures.ts';
import { UnknownName } from './run-figures.ts';

const givenUp = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => givenUp.abort(new Error('The bench was given up; nothing of it is left.')));
const note = (line: string): void => void process.stderr.write(`${line.trimEnd()}\n`);

try {
  process.exitCode = await bench(process.argv.slice(2), {
    ...{ figures: FIGURES, signal: givenUp.signal, note },
    print: (text) => void process.stdout.write(`${text}\n`),
  });
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof UnknownName || givenUp.signal.aborted) {
    note((error as Error).message);
    process.exitCode = givenUp.signal.aborted ? 130 : 1;
  } else throw error;
}
