import { isDeepStrictEqual } from 'node:util';
import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { checkIds, checkPool } from './check-ids.ts';
import { checkMedia } from './check-media.ts';
import { CONTENT_FILES } from './folder-layout.ts';
import { readDraft, type ContentFile, type SegmentFile, type TrackFile } from './read-draft.ts';
import { refuseDraft } from './refuse-draft.ts';

export interface CheckOptions {
  /** Where the draft's paths say that it is, when it is not there yet. */
  placedAt?: string;
  /** What the draft was made from: its length and cuts must be the same. */
  timeline?: Timeline;
  /** By how much its times may miss the frames' and the Timeline's: none, unless its writer counts more coarsely. */
  slackUs?: number;
}

/**
 * Everything that makes an app show a draft otherwise than the film, or lose its media.
 * @throws PermanentError whose code names the fault: `not_a_draft`, `draft_encrypted`, `draft_unreadable`,
 * `draft_names_disagree`, `draft_duplicate_id`, `draft_dangling_id`, `draft_media_outside`, `draft_media_missing`,
 * `draft_media_differs`, `draft_media_pool`, `draft_overlap`, `draft_off_frame`, `draft_source_range`,
 * `draft_duration`, `draft_text`, `draft_transition`, `draft_keyframe`, `draft_differs`.
 */
export async function checkDraft(folder: string, options: CheckOptions = {}): Promise<ContentFile> {
  const { placedAt = folder, timeline, slackUs = 0 } = options;
  const { contents, meta } = await readDraft(folder);
  const [content, twin] = contents as [ContentFile, ContentFile];
  if (!isDeepStrictEqual(content, twin))
    refuseDraft('draft_names_disagree', `${CONTENT_FILES.join(' and ')} are not the same`);
  checkIds(content);
  checkPool(content, meta);
  await checkMedia({ content, meta }, { folder, placedAt, ownOnly: true });
  for (const track of content.tracks) checkTrack(track, { content, slackUs });
  checkTexts(content);
  const end = Math.max(0, ...content.tracks.flatMap(({ segments }) => segments.map(endOf)));
  if (end !== content.duration)
    refuseDraft('draft_duration', `it says ${content.duration} µs and its last segment ends at ${end} µs`);
  if (timeline !== undefined) checkAgainst(timeline, { content, slackUs });
  return content;
}

/**
 * The part of the check that holds for a draft which was edited, too: all that it names is there. Its two contents may
 * differ, and media from outside its folder need only exist.
 */
export async function checkMovedDraft(
  folder: string,
  { placedAt = folder }: { placedAt?: string } = {},
): Promise<void> {
  const { contents, meta } = await readDraft(folder);
  for (const content of contents) {
    checkIds(content);
    await checkMedia({ content, meta }, { folder, placedAt, ownOnly: false });
  }
}

interface Checked {
  content: ContentFile;
  slackUs: number;
}

function checkTrack(track: TrackFile, { content, slackUs }: Checked): void {
  let at = 0;
  for (const [index, segment] of track.segments.entries()) {
    const name = `${track.name ?? track.type} ${index + 1}`;
    const { start, duration } = segment.target_timerange;
    for (const us of [start, start + duration]) onFrame(us, name, { content, slackUs });
    if (duration === 0) refuseDraft('draft_overlap', `${name} has no length`);
    if (start < at) refuseDraft('draft_overlap', `${name} starts at ${start} µs, before ${at} µs`);
    at = start + duration;
    checkSource(segment, { name, content });
    for (const { property_type, keyframe_list } of segment.common_keyframes ?? []) {
      const offsets = keyframe_list.map(({ time_offset }) => time_offset);
      if (offsets.some((us, each) => us > duration || (each > 0 && us <= offsets[each - 1]!)))
        refuseDraft('draft_keyframe', `${name}: ${property_type} leaves its segment or goes back`);
    }
    checkTransition(segment, { name, next: track.segments[index + 1], content });
  }
}

function checkSource(segment: SegmentFile, { name, content }: { name: string; content: ContentFile }): void {
  const { videos, audios } = content.materials;
  const material = [...videos, ...audios].find(({ id }) => id === segment.material_id);
  if (material === undefined) return;
  const source = segment.source_timerange;
  if (source == null) return refuseDraft('draft_source_range', `${name} says no part of its file`);
  if (source.start + source.duration > material.duration)
    refuseDraft(
      'draft_source_range',
      `${name} plays up to ${source.start + source.duration} of ${material.duration} µs`,
    );
  const played = source.duration / (segment.speed ?? 1);
  if (Math.abs(played - segment.target_timerange.duration) > 1)
    refuseDraft(
      'draft_source_range',
      `${name} plays ${Math.round(played)} µs in ${segment.target_timerange.duration} µs`,
    );
}

/** An app shortens or drops a transition that does not fit, and the cut is no longer the film's. */
function checkTransition(
  segment: SegmentFile,
  { name, next, content }: { name: string; next: SegmentFile | undefined; content: ContentFile },
): void {
  const transition = content.materials.transitions.find(({ id }) => segment.extra_material_refs?.includes(id));
  if (transition === undefined) return;
  if (next === undefined || next.target_timerange.start !== endOf(segment))
    return refuseDraft('draft_transition', `${name} has a transition and no neighbour`);
  const shorter = Math.min(segment.target_timerange.duration, next.target_timerange.duration);
  if (transition.duration > shorter) refuseDraft('draft_transition', `${name}: longer than its shorter picture`);
}

function checkTexts({ materials }: ContentFile): void {
  for (const { id, content } of materials.texts) {
    const { text, styles } = parsedText(content, id);
    let at = 0;
    for (const { range } of styles) {
      if (range[0] !== at || range[1]! <= at) refuseDraft('draft_text', `text ${id}: its styles leave a gap`);
      at = range[1]!;
    }
    // Ranges count code points.
    if (at !== [...text].length)
      refuseDraft('draft_text', `text ${id}: its styles cover ${at} of ${[...text].length} characters`);
  }
}

/** The text inside a text material. @throws PermanentError `draft_text`. */
export function parsedText(content: string, id: string): { text: string; styles: { range: number[] }[] } {
  try {
    const parsed = JSON.parse(content) as { text?: unknown; styles?: unknown };
    const styles = parsed.styles as { range: number[] }[];
    if (typeof parsed.text === 'string' && Array.isArray(styles) && styles.every(({ range }) => range.length === 2))
      return { text: parsed.text, styles };
  } catch {
    // Said below.
  }
  return refuseDraft('draft_text', `text ${id} is not a text with styles`);
}

function checkAgainst({ durationUs, canvas, fps, tracks }: Timeline, { content, slackUs }: Checked): void {
  const near = (us: number, wantedUs: number): boolean => Math.abs(us - wantedUs) <= slackUs;
  if (!near(content.duration, durationUs))
    refuseDraft('draft_differs', `it lasts ${content.duration} of ${durationUs} µs`);
  const { width, height } = content.canvas_config;
  if (width !== canvas.width || height !== canvas.height || content.fps !== fps)
    refuseDraft('draft_differs', `it is ${width}x${height} at ${content.fps} frames a second`);
  const spans: [string, { startUs: number; durationUs: number }[]][] = [
    ['pictures', tracks.pictures],
    ['narration', tracks.narration],
    ['captions', tracks.captions],
    ['labels', tracks.labels],
    ['screen_texts', tracks.titles],
  ];
  for (const [name, wanted] of spans) {
    const segments = content.tracks.find((track) => track.name === name)?.segments ?? [];
    const same = wanted.every(({ startUs, durationUs: length }, index) => {
      const segment = segments[index];
      return (
        segment !== undefined && near(segment.target_timerange.start, startUs) && near(endOf(segment), startUs + length)
      );
    });
    if (!same || segments.length !== wanted.length) refuseDraft('draft_differs', `its ${name} are not the Timeline's`);
  }
}

const endOf = ({ target_timerange: { start, duration } }: SegmentFile): number => start + duration;

function onFrame(us: number, name: string, { content: { fps }, slackUs }: Checked): void {
  if (Math.abs(usOfFrame(frameOfUs(us, fps), fps) - us) > slackUs)
    refuseDraft('draft_off_frame', `${name}: ${us} µs is no frame's start`);
}
