import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PermanentError } from '../domain/errors.ts';
import { CONTENT_FILES, META_FILE } from './folder-layout.ts';

/** An hour of captions is well under this; an app's own draft with many effects, too. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Only what checks and relocation read. No defaults: what is read is written back as it was. */
const Us = z.int().nonnegative();
const Range = z.looseObject({ start: Us, duration: Us });
const Material = z.looseObject({ id: z.string().min(1) });
const MediaMaterial = Material.extend({
  path: z.string(),
  duration: Us,
  local_material_id: z.string().nullish(),
});
const VideoMaterial = MediaMaterial.extend({ type: z.string(), width: z.int(), height: z.int() });
const TextMaterial = Material.extend({ content: z.string() });
const Transition = Material.extend({ duration: Us });
const Keyframes = z.looseObject({
  property_type: z.string(),
  keyframe_list: z.array(z.looseObject({ time_offset: Us, values: z.array(z.number()).min(1) })),
});
const Segment = z.looseObject({
  id: z.string().min(1),
  material_id: z.string(),
  target_timerange: Range,
  source_timerange: Range.nullish(),
  extra_material_refs: z.array(z.string()).nullish(),
  common_keyframes: z.array(Keyframes).nullish(),
  speed: z.number().nullish(),
  volume: z.number().nullish(),
});
const Track = z.looseObject({
  id: z.string().min(1),
  type: z.string(),
  name: z.string().nullish(),
  segments: z.array(Segment),
});

export const ContentFile = z.looseObject({
  id: z.string(),
  fps: z.number().positive(),
  duration: Us,
  canvas_config: z.looseObject({ width: z.int().positive(), height: z.int().positive() }),
  materials: z
    .looseObject({
      videos: z.array(VideoMaterial),
      audios: z.array(MediaMaterial),
      texts: z.array(TextMaterial),
      transitions: z.array(Transition),
    })
    // An app's other sections, whatever they are, hold things with ids.
    .catchall(z.unknown()),
  tracks: z.array(Track),
});
export type ContentFile = z.infer<typeof ContentFile>;
export type TrackFile = z.infer<typeof Track>;
export type SegmentFile = z.infer<typeof Segment>;

const PoolEntry = z.looseObject({ id: z.string(), file_Path: z.string() });

export const MetaFile = z.looseObject({
  draft_fold_path: z.string(),
  draft_root_path: z.string(),
  draft_materials: z.array(z.looseObject({ type: z.int(), value: z.array(z.unknown()) })),
});
export type MetaFile = z.infer<typeof MetaFile>;

export interface DraftFiles {
  /** What stands under each of the two names; an app that edits the draft may go on with one of them. */
  contents: ContentFile[];
  meta: MetaFile;
}

/**
 * A draft's files, read and their shape checked.
 * @throws PermanentError `not_a_draft` without the files, `draft_encrypted` when an app has saved it in its own form,
 * `draft_unreadable` for anything else that is not JSON of this shape.
 */
export async function readDraft(folder: string): Promise<DraftFiles> {
  const contents: ContentFile[] = [];
  for (const name of CONTENT_FILES) contents.push(await readContent(folder, name));
  return { contents, meta: parse(await readText(folder, META_FILE), { name: META_FILE, shape: MetaFile }) };
}

/** One content file, under whatever name. @throws PermanentError as `readDraft` does. */
export const readContent = async (folder: string, name: string): Promise<ContentFile> =>
  parse(await readText(folder, name), { name, shape: ContentFile });

/** The entries of the media pool. */
export function poolOf({ draft_materials }: MetaFile): z.infer<typeof PoolEntry>[] {
  return draft_materials
    .filter(({ type }) => type === 0)
    .flatMap(({ value }) => value.filter((entry) => PoolEntry.safeParse(entry).success) as z.infer<typeof PoolEntry>[]);
}

async function readText(folder: string, name: string): Promise<string> {
  const handle = await open(join(folder, name), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new PermanentError('not_a_draft', `There is no draft in ${folder}: it has no ${name}.`);
  });
  try {
    const { size } = await handle.stat();
    if (size > MAX_JSON_BYTES)
      throw new PermanentError('draft_unreadable', `${name} is larger than ${MAX_JSON_BYTES} bytes.`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parse<Shape extends z.ZodType>(text: string, { name, shape }: { name: string; shape: Shape }): z.infer<Shape> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (/^[A-Za-z0-9+/=\s]+$/.test(text))
      throw new PermanentError(
        'draft_encrypted',
        `${name} was saved by an app that encrypts its drafts: only the app can read it now.`,
      );
    throw new PermanentError('draft_unreadable', `${name} is not JSON.`, { cause: error });
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return json as z.infer<Shape>;
  const issue = parsed.error.issues[0];
  throw new PermanentError('draft_unreadable', `${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
