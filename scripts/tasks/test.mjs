import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { lint } from './lint.mjs';
import { Failure, filesUnder, note, projectDir, run } from './project.mjs';

const isTest = (file) => file.endsWith('.test.ts');

// Two cores: unit files go two at a time, whole stacks one after the other. The limits are per file.
const GROUPS = [
  { name: 'Unit tests', wanted: (file) => !startsStacks(file), concurrency: 2, timeoutMs: 300_000 },
  { name: 'Stack and end-to-end tests', wanted: startsStacks, concurrency: 1, timeoutMs: 1_200_000 },
];

function startsStacks(file) {
  return ['e2e', 'stack', 'chaos'].some((folder) => file.startsWith(path.join('test', folder) + path.sep));
}

/** Build, lint and every test; with arguments the build and the test files named, or below the folders named. */
export async function test(args) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const add = (name, result) => {
    for (const key of Object.keys(total)) total[key] += result[key];
    lines.push(`  ${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
    if (result.slowest) lines.push(`    slowest: ${result.slowest}`);
  };
  const failure = { passed: 0, failed: 1, skipped: 0 };

  const files = args.length === 0 ? filesBelow(['src', 'sandbox', 'test']) : named(args);
  if (!(await succeeds(() => ensureBuild()))) {
    add('Build', failure);
  } else {
    if (args.length === 0 && !(await succeeds(lint))) add('Lint', failure);
    if (!(await succeeds(prepareTools))) add('Tools', failure);
    for (const group of GROUPS) {
      const chosen = files.filter(group.wanted);
      if (chosen.length > 0) add(group.name, await runFiles(chosen, group));
    }
  }
  note(['', 'Summary', ...lines].join('\n'));
  if (total.passed + total.failed === 0) {
    note('No test ran.');
    total.failed = 1;
  }
  const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
  process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed === 0 ? 0 : 1;
}

/** One run of node's test runner. What it did not count (a crash before its closing lines) is one failure. */
async function runFiles(files, { name, concurrency, timeoutMs }) {
  note(`\n${name}: ${files.length} file${files.length === 1 ? '' : 's'}`);
  const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-test-'));
  const countsFile = path.join(scratch, 'counts.json');
  try {
    const code = await run(process.execPath, [
      ...['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${timeoutMs}`],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[
        `--test-reporter=${new URL('count-reporter.mjs', import.meta.url)}`,
        `--test-reporter-destination=${countsFile}`,
      ],
      ...files,
    ]);
    return totals(countsFile, code);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function totals(countsFile, exitCode) {
  let counts;
  try {
    counts = JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    counts = {};
  }
  const { pass: passed = 0, fail = 0, cancelled = 0, skipped = 0, todo = 0, msByFile = {} } = counts;
  const failed = fail + cancelled;
  return {
    passed,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: skipped + todo,
    slowest: slowestOf(msByFile),
  };
}

/** Where the time goes: a suite that grows is seen while it grows. */
function slowestOf(msByFile) {
  const files = Object.entries(msByFile).sort(([, a], [, b]) => b - a);
  return files
    .slice(0, 8)
    .map(([file, ms]) => `${path.relative(projectDir, file)} ${Math.round(ms / 1000)} s`)
    .join(', ');
}

/** Finds, and where needed installs, what the tests run: once and in sight, instead of inside of some test. */
function prepareTools() {
  return run(process.execPath, [path.join(projectDir, 'dist/src/cli/main.js'), 'tools'], { stdio: ['ignore', 2, 2] });
}

async function succeeds(task) {
  try {
    return (await task()) === 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    note(error.message);
    return false;
  }
}

function filesBelow(folders) {
  return folders.flatMap((folder) => filesUnder(folder, isTest));
}

function named(args) {
  return args.flatMap((arg) => {
    const file = path.relative(projectDir, path.resolve(arg));
    const stat = statSync(path.join(projectDir, file), { throwIfNoEntry: false });
    if (stat === undefined) throw new Failure(`${arg}: no such test file or folder.`);
    return stat.isDirectory() ? filesBelow([file]) : [file];
  });
}
