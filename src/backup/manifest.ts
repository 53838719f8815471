import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { BackupRefused } from './refused.ts';

/** A backup is complete when this lies in it: it is written last. */
export const MANIFEST = 'manifest.json';

/** Of the folder's layout; a restore refuses others. */
const FORMAT = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

/** Relative to the backup's folder, and in it: what a backup says must not lead a restore elsewhere. */
const relativePath = z.string().refine((file) => {
  return file.split('/').every((part) => !['', '.', '..'].includes(part)) && !/[\0\\]/.test(file);
}, 'leads out of the folder');

const BackedUpFile = z.strictObject({ path: relativePath, sizeBytes: count, sha256 });
export type BackedUpFile = z.infer<typeof BackedUpFile>;

/** A list as NDJSON. */
const ListFile = BackedUpFile.extend({ rows: count });
export type ListFile = z.infer<typeof ListFile>;

const LostObject = z.strictObject({
  sha256,
  why: z.enum(['missing', 'damaged']),
  /** Old enough that `prune` has removed it: expected, and no loss. */
  pruned: z.boolean(),
});
export type LostObject = z.infer<typeof LostObject>;

export const Manifest = z.strictObject({
  format: z.literal(FORMAT),
  /** Version of the program that wrote it. */
  program: z.string(),
  /** Of the rows: everything that was committed before is in. */
  createdAt: z.iso.datetime(),
  migrations: z.array(z.strictObject({ version: count, name: z.string(), checksum: sha256 })),
  tables: z.array(z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9_]*$/), file: ListFile })),
  objects: z.strictObject({ list: ListFile, sizeBytes: count }),
  config: z.array(BackedUpFile),
  /** Null: the key comes from MCP_BRIDGE_SECRET, or nobody has needed one yet. */
  secret: BackedUpFile.nullable(),
  /** What rows name and the store did not have whole. */
  lost: z.array(LostObject),
});
export type Manifest = z.infer<typeof Manifest>;

/** All at once, and with a checksum of itself. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, null, 2);
  const file = path.join(folder, MANIFEST);
  const handle = await open(`${file}.part`, 'w', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
}

/** @throws BackupRefused when there is none, or none that this program can trust. */
export async function readManifest(folder: string): Promise<Manifest> {
  const content = parsed(await readText(folder));
  const { checksum, ...said } = content;
  if (said['format'] !== FORMAT && typeof said['format'] === 'number')
    throw new BackupRefused(`This backup has format ${said['format']}; this program reads format ${FORMAT}.`);
  if (checksum !== checksumOf(said)) throw new BackupRefused(`${MANIFEST} is damaged: its checksum is wrong.`);
  const manifest = Manifest.safeParse(said);
  if (!manifest.success)
    throw new BackupRefused(`${MANIFEST} cannot be understood: ${z.prettifyError(manifest.error)}`);
  return manifest.data;
}

async function readText(folder: string): Promise<string> {
  try {
    return await readFile(path.join(folder, MANIFEST), 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new BackupRefused(`${folder} holds no complete backup: ${MANIFEST}, which is written last, is missing.`);
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return { ...content };
  } catch {
    // said below
  }
  throw new BackupRefused(`${MANIFEST} is damaged: it is no JSON.`);
}

/** Order of the keys and all: of what was written, not of what it means. */
const checksumOf = (manifest: object): string => createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
