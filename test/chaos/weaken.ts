import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WEAKNESSES, type Weakness } from './weaknesses.ts';

/**
 * Shows that the campaign can fail: for each protection a copy of the project without it is built and struck at, and the
 * campaign must notice. With words as arguments, only the weaknesses whose name contains one of them.
 */
const project = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv.slice(2);
const chosen = WEAKNESSES.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
if (chosen.length === 0) throw new Error(`no weakness is called ${wanted.join(' or ')}`);

let missed = 0;
for (const weakness of chosen) {
  const broken = await promisesBrokenBy(weakness);
  if (broken.length === 0) missed++;
  process.stdout.write(`${broken.length > 0 ? 'caught' : 'MISSED'}  ${weakness.name}\n`);
  for (const promise of broken) process.stdout.write(`        ${promise}\n`);
}
process.stdout.write(`${chosen.length - missed} of ${chosen.length} were caught\n`);
process.exitCode = missed === 0 ? 0 : 1;

async function promisesBrokenBy({ file, from, to, campaign }: Weakness): Promise<string[]> {
  const copy = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-weak-'));
  try {
    copyProject(copy);
    const target = path.join(copy, file);
    const parts = readFileSync(target, 'utf8').split(from);
    if (parts.length !== 2) throw new Error(`${file} has not exactly one ${JSON.stringify(from)}`);
    writeFileSync(target, parts.join(to));
    const child = spawn(process.execPath, ['scripts/run.mjs', 'chaos', '--seed', '7', ...campaign], {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    const broken = [...said.matchAll(/^NO: \d+ +\d+ +(.*)$/gm)].map(([, promise]) => promise ?? '');
    if (code === 0) return [];
    // A campaign that could not even be ended has noticed, too; one that did not begin has not.
    if (broken.length === 0 && !said.includes('workers are ready'))
      throw new Error(`no campaign: ${said.slice(-2000)}`);
    return broken.length > 0
      ? broken
      : [
          said
            .trim()
            .split('\n')
            .find((line) => line.includes('Error')) ?? 'it ended early',
        ];
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What git would take, as it stands now; the packages are shared. */
function copyProject(copy: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: project,
  });
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    cpSync(path.join(project, file), path.join(copy, file));
  }
  symlinkSync(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
}
