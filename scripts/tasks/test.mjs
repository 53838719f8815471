import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './build.mjs';
import { bundleTests } from './bundle-tests.mjs';
import { lint } from './lint.mjs';
import { Failure, filesUnder, note, projectDir, run } from './project.mjs';

const isTest = (file) => file.endsWith('.test.ts');

// Two cores. A test waits for its processes about half of the time: so many files keep both cores at work, and more
// would only wait for each other.
const CONCURRENCY = 4;
// A file.
const TIMEOUT_MS = 1_800_000;

/** Those that take longest are begun first, so that none of them is left over when the others have ended. */
const LONGEST = [
  'e2e/worker-stop',
  'e2e/commands',
  'e2e/kills-apart',
  'e2e/channels',
  'chaos/campaign',
  'e2e/partial',
  'e2e/adaptive-rate',
  'e2e/read-model',
  'e2e/streaming',
  'e2e/clips',
  'replay/mutations',
  'backup/embedded',
  'backup/postgres',
  'api/schemathesis',
  'backup/living-postgres',
  'backup/living-embedded',
  'ledger/killed-buyer',
  'api/live',
].map((name) => path.join('test', `${name}.test.ts`));

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
    if (!(await succeeds(prepareTools))) add('Tools', failure);
    // Beside the tests: it is one process on two cores.
    const linted = args.length === 0 ? succeeds(lint) : Promise.resolve(true);
    if (files.length > 0) add('Tests', await runFiles(inOrder(files)));
    if (!(await linted)) add('Lint', failure);
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

/** Stacks, which mostly wait, spread evenly among what mostly computes: both cores have work all the time. */
function inOrder(files) {
  const longestFirst = [...LONGEST.filter((file) => files.includes(file)), ...files];
  const ordered = [...new Set(longestFirst)];
  const at = (group) => group.map((file, index) => ({ file, share: (index + 0.5) / group.length }));
  const stacks = at(ordered.filter(startsStacks));
  const others = at(ordered.filter((file) => !startsStacks(file)));
  return [...stacks, ...others].sort((a, b) => a.share - b.share).map(({ file }) => file);
}

/** One run of node's test runner. What it did not count (a crash before its closing lines) is one failure. */
async function runFiles(files) {
  note(`\n${files.length} test file${files.length === 1 ? '' : 's'}`);
  const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-test-'));
  // PostgreSQL, which does not run as root, must find its way to what lies in there.
  chmodSync(scratch, 0o711);
  const orderFile = path.join(scratch, 'order.json');
  const countsFile = path.join(scratch, 'counts.json');
  try {
    const bundled = await bundleTests(files, scratch);
    writeFileSync(orderFile, JSON.stringify({ files: bundled, concurrency: CONCURRENCY, timeoutMs: TIMEOUT_MS }));
    const runner = fileURLToPath(new URL('run-tests.mjs', import.meta.url));
    const ends = new URL('end-of-tests.mjs', import.meta.url).href;
    const code = await run(
      process.execPath,
      ['--enable-source-maps', '--import', ends, runner, orderFile, countsFile],
      {
        env: { ...process.env, ...sparing(scratch) },
      },
    );
    return totals(countsFile, code);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What spares the processes of this run the work that another of its processes has done. */
function sparing(scratch) {
  const preload = fileURLToPath(new URL('short-lived.cjs', import.meta.url));
  return {
    NODE_OPTIONS: [process.env.NODE_OPTIONS, `--require=${JSON.stringify(preload)}`].filter(Boolean).join(' '),
    SANDBOX_MEDIA: path.join(scratch, 'media'),
    TEST_RUN_DIR: scratch,
  };
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
