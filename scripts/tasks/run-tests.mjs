// Runs test files in the order given, so many at once, and writes what came of it as JSON. A program of its own, because
// Node hands the options it was started with on to each test file's process, and because `node --test` sorts.
import { readFileSync, writeFileSync } from 'node:fs';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';

const COUNTED = /^(pass|fail|cancelled|skipped|todo) (\d+)$/;

const [orderFile, countsFile] = process.argv.slice(2);
const { files, concurrency, timeoutMs } = JSON.parse(readFileSync(orderFile, 'utf8'));
const counts = {};
const msByFile = {};
const events = run({ files, concurrency, timeout: timeoutMs });
const took = ({ file, nesting, details }) => {
  if (nesting === 0 && file !== undefined) msByFile[file] = (msByFile[file] ?? 0) + details.duration_ms;
};
events.on('test:pass', took);
events.on('test:fail', took);
// The runner's own closing figures.
events.on('test:diagnostic', ({ message }) => {
  const [, name, figure] = COUNTED.exec(message) ?? [];
  if (name !== undefined) counts[name] = Number(figure);
});
events.compose(new Spec()).pipe(process.stdout);
process.on('exit', (code) => {
  writeFileSync(countsFile, JSON.stringify({ ...counts, msByFile }));
  if (code === 0 && (counts.fail ?? 0) + (counts.cancelled ?? 0) > 0) process.exitCode = 1;
});
