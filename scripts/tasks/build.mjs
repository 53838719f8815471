import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { Failure, filesUnder, note, projectDir, run, stateDir } from './project.mjs';

const dist = path.join(projectDir, 'dist');
// As deep as dist/, so that source maps and relative paths stay right when it becomes dist/.
const staging = path.join(projectDir, '.build');
const marker = '.build-hash';
/** SQL, which the compiler leaves alone. */
const migrations = 'src/database/migrations';

/** Compiles and bundles what has changed. Safe for two processes at once; dist/ is replaced as a whole or not at all. */
export async function ensureBuild({ force = false } = {}) {
  if (!force && built()) return 0;
  return withLock(
    path.join(stateDir, 'build.lock'),
    () => note('Another process is building; waiting for it.'),
    async () => {
      if (!force && built()) return 0;
      await build();
      return 0;
    },
  );
}

async function build() {
  const started = Date.now();
  // Before compiling: what is edited meanwhile makes the build stale, as it should.
  const hash = sourceHash();
  note('Building.');
  rmSync(staging, { recursive: true, force: true });
  const compiler = path.join(projectDir, 'node_modules/typescript/bin/tsc');
  const compiled = await runQuietly([compiler, '-p', 'tsconfig.build.json', '--outDir', staging]);
  if (!compiled) throw new Failure('The build failed: the compiler found errors (see above).');
  cpSync(path.join(projectDir, migrations), path.join(staging, migrations), { recursive: true });
  await bundleWorkflows();
  await bundlePage();
  writeFileSync(path.join(staging, marker), hash);
  swapIn();
  note(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** Workers load the workflows as one bundle, made here instead of at each start. */
async function bundleWorkflows() {
  const bundler = path.join(staging, 'src/workers/bundle.js');
  if (!existsSync(bundler)) return;
  if (!(await runQuietly([bundler])))
    throw new Failure('The build failed: the workflow bundle could not be made (see above).');
  // It must go beside the code that wrote it: dist/ is still the build before this one.
  if (existsSync(path.join(staging, 'workflow-bundle.js'))) return;
  throw new Failure(`The build failed: ${bundler} has not written ../../workflow-bundle.js, seen from itself.`);
}

/** The gateway's status page: one script for browsers, and what goes with it. */
async function bundlePage() {
  const { build: bundle } = await import('esbuild');
  const sources = path.join(projectDir, 'src/status-page');
  await bundle({
    entryPoints: [path.join(sources, 'page.ts')],
    outfile: path.join(staging, 'status-page/page.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'page.css', 'icon.svg'])
    cpSync(path.join(sources, file), path.join(staging, 'status-page', file));
}

/** The types of the client library, for whoever installs the package. They take the compiler seconds, so only then. */
export async function declareClient() {
  const compiler = path.join(projectDir, 'node_modules/typescript/bin/tsc');
  if (await runQuietly([compiler, '-p', 'tsconfig.client.json', '--outDir', dist])) return 0;
  throw new Failure('The types of the client library could not be made (see above).');
}

/** What a tool says is shown only when it fails: whoever asked for a film did not ask for it. Resolves to its success. */
async function runQuietly(args) {
  const log = path.join(stateDir, `build-${process.pid}.log`);
  const output = openSync(log, 'w');
  try {
    const code = await run(process.execPath, args, { stdio: ['ignore', output, output] });
    if (code !== 0) process.stderr.write(readFileSync(log));
    return code === 0;
  } finally {
    closeSync(output);
    rmSync(log, { force: true });
  }
}

function swapIn() {
  const old = path.join(stateDir, `dist-${process.pid}`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(staging, dist);
  rmSync(old, { recursive: true, force: true });
}

function built() {
  const file = path.join(dist, marker);
  return existsSync(file) && readFileSync(file, 'utf8') === sourceHash();
}

function sourceHash() {
  const hash = createHash('sha256');
  const sources = ['src', 'sandbox'].flatMap((folder) => filesUnder(folder, (file) => !file.endsWith('.test.ts')));
  for (const file of [...sources, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(projectDir, file)))
      .update('\0');
  }
  return hash.digest('hex');
}
