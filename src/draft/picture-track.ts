import { framePlan, type PictureFrames } from '../timeline/frame-plan.ts';
import { usOfFrame } from '../timeline/frames.ts';
import type { PictureSegment, Timeline } from '../timeline/timeline.ts';
import type { Layer, Material } from './format.ts';
import type { IdOf } from './ids.ts';
import { openingPath } from './folder-layout.ts';
import type { ClipMedia, DraftMedia, PictureMedia } from './media.ts';
import { keyframesOn, motionOf } from './motion.ts';
import { clipOf, segmentOf, speedOf, trackOf } from './segment.ts';

/** What the apps write as the length of a picture that stands as long as one likes: three hours. */
export const PHOTO_DURATION_US = 10_800_000_000;

/** JianYing's cross-dissolve; CapCut knows it by the same resource. */
const DISSOLVE = { name: '叠化', effect_id: '322577', resource_id: '6724845717472416269', is_overlap: true };

interface PictureOptions {
  media: DraftMedia;
  placedAt: string;
  idOf: IdOf;
}

/** The pictures, moving as in the film; a crossfade belongs to the earlier of its two. */
export function pictureLayer(timeline: Timeline, { media, placedAt, idOf }: PictureOptions): Layer {
  const { canvas, fps, tracks } = timeline;
  const plan = framePlan(timeline);
  const materials = { videos: [] as Material[], speeds: [] as Material[], transitions: [] as Material[] };
  const segments = tracks.pictures.map((picture, index) => {
    const medium = media.pictures[index]!;
    const material = materialOf(medium, { placedAt, idOf });
    const speed = speedOf(idOf('speed', 'picture', index), medium.clip?.speed ?? 1);
    const next = tracks.pictures[index + 1];
    const transition =
      next === undefined || next.transitionUs === 0 ? null : transitionOf(next, idOf('transition', index));
    materials.videos.push(material);
    materials.speeds.push(speed);
    if (transition !== null) materials.transitions.push(transition);
    const { first, courses } = pictureMotion(picture, { medium, frames: plan[index]!, canvas, fps });
    return segmentOf({
      id: idOf('segment', 'picture', index),
      materialId: material.id,
      target: { start: picture.startUs, duration: picture.durationUs },
      source: playedOf(picture, { clip: medium.clip, frames: plan[index]!, fps }),
      speed: medium.clip?.speed ?? 1,
      // A clip's sound is not in the film.
      volume: medium.clip === null ? 1 : 0,
      refs: [speed.id, ...(transition === null ? [] : [transition.id])],
      clip: clipOf(first),
      keyframes: keyframesOn(courses, { words: ['picture', index], idOf }),
    });
  });
  return { track: trackOf('video', { name: 'pictures', segments, idOf }), materials };
}

/** Where a picture lies at its cut, filling the canvas, and how it moves from there. */
export const pictureMotion = (
  picture: PictureSegment,
  {
    medium,
    frames,
    canvas,
    fps,
  }: { medium: PictureMedia; frames: PictureFrames; canvas: Timeline['canvas']; fps: number },
): ReturnType<typeof motionOf> =>
  motionOf({
    ...{ span: picture, frames, motion: picture.motion, canvas, fps },
    base: { scale: coverScale(medium, canvas), x: 0, y: 0 },
  });

/** The apps fit a picture into the canvas at scale 1; the film fills the canvas with it. */
function coverScale(picture: { width: number; height: number }, canvas: Timeline['canvas']): number {
  const [across, down] = [canvas.width / picture.width, canvas.height / picture.height];
  return Math.max(across, down) / Math.min(across, down);
}

const transitionOf = (into: PictureSegment, id: string): Material => ({
  id,
  type: 'transition',
  ...DISSOLVE,
  duration: into.transitionUs,
  platform: 'all',
  category_id: '',
  category_name: '',
});

/** What of its file a segment plays: a clip began with the transition into it. */
export function playedOf(
  { startUs, durationUs }: PictureSegment,
  { clip, frames, fps }: { clip: ClipMedia | null; frames: PictureFrames; fps: number },
): { start: number; duration: number } {
  if (clip === null) return { start: 0, duration: durationUs };
  const start = Math.round((startUs - usOfFrame(frames.visible.start, fps)) * clip.speed);
  return { start, duration: Math.min(Math.round(durationUs * clip.speed), clip.durationUs - start) };
}

function materialOf(
  { file, width, height, clip }: PictureMedia,
  { placedAt, idOf }: { placedAt: string; idOf: IdOf },
): Material {
  const id = idOf('material', file);
  return {
    id,
    material_id: id,
    local_material_id: idOf('pool', file),
    type: clip === null ? 'photo' : 'video',
    has_audio: false,
    material_name: file.split('/').at(-1)!,
    path: openingPath(placedAt, file),
    width,
    height,
    duration: clip?.durationUs ?? PHOTO_DURATION_US,
    audio_fade: null,
    category_id: '',
    category_name: 'local',
    check_flag: 63_487,
    media_path: '',
    crop_ratio: 'free',
    crop_scale: 1,
    crop: {
      upper_left_x: 0,
      upper_left_y: 0,
      upper_right_x: 1,
      upper_right_y: 0,
      lower_left_x: 0,
      lower_left_y: 1,
      lower_right_x: 1,
      lower_right_y: 1,
    },
  };
}
