import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { measureFile } from '../store/receive.ts';
import type { BackedUpFile } from './manifest.ts';

/** The YAML files, prompts and their schemas; whatever else lies there is not ours to copy. */
const CONFIG_FILE = /\.(ya?ml|md|json)$/;
const SECRET = 'secret';
/** Whatever became of it on its way here. */
const SECRET_MODE = 0o600;

export async function copyConfig(configDir: string, folder: string): Promise<BackedUpFile[]> {
  const entries = await readdir(configDir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && CONFIG_FILE.test(entry.name))
    .map((entry) => path.relative(configDir, path.join(entry.parentPath, entry.name)))
    .sort();
  const copied: BackedUpFile[] = [];
  for (const file of files)
    copied.push(await copyInto(path.join(configDir, file), folder, `config/${file.split(path.sep).join('/')}`));
  return copied;
}

/** The key of idempotency ids, when it is a file. For its owner alone, there and here. */
export async function copySecret(dataDir: string, folder: string): Promise<BackedUpFile | null> {
  const file = path.join(dataDir, SECRET);
  return (await stat(file).catch(() => null)) === null ? null : copyInto(file, folder, SECRET);
}

export async function restoreConfig(configDir: string, folder: string, files: BackedUpFile[]): Promise<void> {
  for (const file of files) await place(path.join(folder, file.path), path.join(configDir, inConfig(file)));
}

export async function restoreSecret(dataDir: string, folder: string, secret: BackedUpFile): Promise<void> {
  await place(path.join(folder, secret.path), path.join(dataDir, SECRET), SECRET_MODE);
}

/** Config files that are not as they were backed up, by name. */
export async function changedConfig(configDir: string, folder: string, files: BackedUpFile[]): Promise<string[]> {
  const changed: string[] = [];
  for (const file of files) {
    const now = await readFile(path.join(configDir, inConfig(file))).catch(() => null);
    if (now === null || !now.equals(await readFile(path.join(folder, file.path)))) changed.push(inConfig(file));
  }
  return changed;
}

const inConfig = ({ path: file }: BackedUpFile): string => file.replace(/^config\//, '');

async function copyInto(from: string, folder: string, to: string): Promise<BackedUpFile> {
  const target = path.join(folder, to);
  await place(from, target);
  const { sizeBytes, sha256 } = await measureFile(target, '');
  return { path: to, sizeBytes, sha256 };
}

/** Never half there; with the mode it had, or this one. */
async function place(from: string, to: string, mode?: number): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await copyFile(from, `${to}.part`);
    if (mode !== undefined) await chmod(`${to}.part`, mode);
    await rename(`${to}.part`, to);
  } finally {
    await rm(`${to}.part`, { force: true });
  }
}
