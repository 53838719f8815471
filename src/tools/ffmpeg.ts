import { execFile } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PermanentError } from '../domain/errors.ts';
import { installOnce } from './cache.ts';

const run = promisify(execFile);

/** A PyPI wheel that carries a static ffmpeg, and the version we tried. */
const WHEEL = 'imageio-ffmpeg';
const WHEEL_VERSION = '0.8.1';
const INSTALL_TIMEOUT_MS = 10 * 60_000;
/** The first start of a large static binary from a cold disk can take seconds. */
const ASK_TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** What the renderer uses. */
const FILTERS = [
  'adelay',
  'afade',
  'aformat',
  'alimiter',
  'aloop',
  'amix',
  'apad',
  'aresample',
  'areverse',
  'ass',
  'atempo',
  'atrim',
  'bwdif',
  'concat',
  'crop',
  'ebur128',
  'fps',
  'gradients',
  'loudnorm',
  'scale',
  'setparams',
  'setpts',
  'settb',
  'sidechaincompress',
  'split',
  'tonemap',
  'tpad',
  'trim',
  'volume',
  'xfade',
  'zscale',
];
const ENCODERS = ['aac', 'libopus', 'libvpx-vp9', 'libx264', 'mjpeg'];

export interface FfmpegSearch {
  /** The value of FFMPEG_PATH; null when it is not set. It is then the only candidate. */
  explicitPath: string | null;
  cacheDir: string;
  /** Told what takes long. */
  onNote: (text: string) => void;
  /** Whether one may be put into the cache when none is found. */
  mayInstall?: boolean;
}

export interface Ffmpeg {
  path: string;
  version: string;
}

/**
 * Finds an ffmpeg that has all we need: the explicit path, PATH, the cache, and last the static build of a PyPI wheel,
 * installed into the cache once.
 * @throws PermanentError `ffmpeg_missing`, saying what to install.
 */
export async function findFfmpeg({ explicitPath, cacheDir, onNote, mayInstall = true }: FfmpegSearch): Promise<Ffmpeg> {
  if (explicitPath !== null && explicitPath !== '') {
    const found = await examine(explicitPath);
    if (typeof found === 'object') return found;
    throw missing(`FFMPEG_PATH is ${explicitPath}, but ${found}`);
  }
  const tried: string[] = [];
  const onPath = await pathOf('ffmpeg');
  const folder = join(cacheDir, `ffmpeg-imageio-${WHEEL_VERSION}`);
  for (const candidate of [onPath, await inWheel(folder)]) {
    if (candidate === null) continue;
    const found = await examine(candidate);
    if (typeof found === 'object') return found;
    tried.push(`${candidate}: ${found}`);
  }
  if (!mayInstall) throw missing([...tried, 'none is installed'].join('; '));
  try {
    await installWheel(folder, onNote);
  } catch (error) {
    throw missing([...tried, `${WHEEL} ${WHEEL_VERSION} could not be installed by pip`].join('; '), error);
  }
  const installed = await inWheel(folder);
  const found = installed === null ? 'the wheel holds no ffmpeg for this machine' : await examine(installed);
  if (typeof found === 'object') return found;
  throw missing([...tried, found].join('; '));
}

function missing(what: string, cause?: unknown): PermanentError {
  return new PermanentError(
    'ffmpeg_missing',
    `No usable ffmpeg: ${what}. Install ffmpeg 5.1 or later with libx264, libvpx, libopus and libass ` +
      '(Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg) or set FFMPEG_PATH.',
    { cause },
  );
}

/** The version, or the reason in words why this one cannot be used. */
async function examine(path: string): Promise<Ffmpeg | string> {
  try {
    const [version, filters, encoders] = await Promise.all([
      ask(path, '-version'),
      ask(path, '-filters'),
      ask(path, '-encoders'),
    ]);
    const lacking = [...lackingIn(filters, FILTERS), ...lackingIn(encoders, ENCODERS)];
    if (lacking.length > 0) return `it lacks ${lacking.join(', ')}`;
    return { path, version: /^ffmpeg version (\S+)/.exec(version)?.[1] ?? 'unknown' };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'there is no such file'
      : 'it does not run';
  }
}

async function ask(path: string, question: string): Promise<string> {
  const { stdout } = await run(path, ['-hide_banner', question], {
    timeout: ASK_TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout;
}

/** Lists print one item a line: flags, name, description. */
function lackingIn(list: string, needed: readonly string[]): string[] {
  const names = new Set(list.split('\n').map((line) => line.trim().split(/\s+/)[1]));
  return needed.filter((name) => !names.has(name));
}

async function pathOf(command: string): Promise<string | null> {
  try {
    const { stdout } = await run('sh', ['-c', `command -v ${command}`]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

async function inWheel(folder: string): Promise<string | null> {
  const binaries = join(folder, 'imageio_ffmpeg', 'binaries');
  const names = await readdir(binaries).catch((): string[] => []);
  const name = names.find((each) => each.startsWith('ffmpeg'));
  return name === undefined ? null : join(binaries, name);
}

async function installWheel(folder: string, onNote: (text: string) => void): Promise<void> {
  onNote(
    `No ffmpeg found; installing the static build of ${WHEEL} ${WHEEL_VERSION} into the cache (about 60 MB, once).`,
  );
  await installOnce(folder, async (temporary) => {
    const options = ['--no-deps', '--no-input', '--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
    await run('python3', ['-m', 'pip', 'install', ...options, '--target', temporary, `${WHEEL}==${WHEEL_VERSION}`], {
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const binary = await inWheel(temporary);
    if (binary !== null) await chmod(binary, 0o755);
  });
  onNote('ffmpeg is installed.');
}
