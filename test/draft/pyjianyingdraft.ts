import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGE = 'pyJianYingDraft';
const VERSION = '0.3.1';
export const SET_UP_MS = 300_000;
const SCRIPT = fileURLToPath(new URL('load_draft.py', import.meta.url));

/** What the library found in a draft. */
export interface Loaded {
  canvas: [number, number];
  fps: number;
  durationUs: number;
  tracks: Record<string, { startUs: number; durationUs: number; speed: number; volume: number; text: string | null }[]>;
  texts: { text: string; covered: string }[];
  /** By path: what the draft says, then what the library measured. */
  media: Record<string, { durationUs: [number, number]; size: [unknown, unknown] }>;
  /** Segments of the picture and sound tracks that could be taken into another draft. */
  imported: number[];
}

export async function loadDraft(folder: string): Promise<Loaded> {
  const { stdout } = await run(await libraryPython(), [SCRIPT, folder], { env: { ...process.env, PYTHONUTF8: '1' } });
  return JSON.parse(stdout) as Loaded;
}

let python: Promise<string> | null = null;
export const libraryPython = (): Promise<string> => (python ??= makePython());

/** Its own environment in the user's cache, made once; a half-made one is never taken for a whole one. */
async function makePython(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'mcp-bridge', 'python-pyjianyingdraft', VERSION);
  const done = join(folder, 'installed');
  const command = join(folder, 'bin', 'python');
  if (existsSync(done)) return command;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(command, ['-m', 'pip', 'install', '--quiet', `${PACKAGE}==${VERSION}`], { timeout: SET_UP_MS });
  mkdirSync(`${done}.tmp`);
  renameSync(`${done}.tmp`, done);
  return command;
}
