import type { Course, Placement } from '../../draft/motion.ts';
import type { DraftMedia } from '../../draft/media.ts';
import { duckedVolume, volumeAt } from '../../draft/ducking.ts';
import type { KeyframeProperty } from '../../draft/format.ts';
import { piecesOf, speechOf } from '../../draft/music-track.ts';
import { playedUs } from '../../draft/narration-track.ts';
import { pictureMotion, playedOf } from '../../draft/picture-track.ts';
import type { PlacedText } from '../../draft/text-layer.ts';
import { fontSize, wellFormed } from '../../draft/text-material.ts';
import { textTracks } from '../../draft/text-tracks.ts';
import { linearVolume } from '../../draft/volume.ts';
import { framePlan } from '../../timeline/frame-plan.ts';
import { frameOfUs, usOfFrame } from '../../timeline/frames.ts';
import type { Timeline } from '../../timeline/timeline.ts';
import type { CapcutCall } from './interfaces.ts';

interface CallOptions {
  media: DraftMedia;
  /** Where the server finds a file of the media: a path of its own, or a URL. */
  sourceOf: (file: string) => string;
}

/**
 * The draft as calls of CapCutAPI, from the back to the front: texts lie above each other in the order in which their
 * tracks come. Every default of the server that matters is written out, as the two channels differ in them. Pure.
 */
export const draftCalls = (timeline: Timeline, options: CallOptions): CapcutCall[] => [
  ...pictureCalls(timeline, options),
  ...narrationCalls(timeline, options),
  ...musicCalls(timeline, options),
  ...textTracks(timeline).flatMap(({ name, texts }) =>
    texts.flatMap((text) => (text === null ? [] : textCalls(text, { track_name: name, canvas: timeline.canvas }))),
  ),
];

/** Tracks have names of our own: `video` is taken by an empty track that the server adds. */
const PICTURES = 'pictures';
const NARRATION = 'narration';
const MUSIC = 'music';

function pictureCalls({ canvas, fps, tracks }: Timeline, { media, sourceOf }: CallOptions): CapcutCall[] {
  const plan = framePlan({ fps, tracks });
  let from = 0;
  return tracks.pictures.flatMap((picture, index) => {
    const medium = media.pictures[index]!;
    const frames = plan[index]!;
    const { first, courses } = pictureMotion(picture, { medium, frames, canvas, fps });
    const startUs = from;
    const endUs = wholeMs(picture.startUs + picture.durationUs);
    const shared = {
      track_name: PICTURES,
      ...{ transform_x: first.x, transform_y: first.y, scale_x: first.scale, scale_y: first.scale },
      ...transitionInto(tracks.pictures[index + 1]),
    };
    let call: CapcutCall;
    if (medium.clip === null) {
      from = endUs;
      const parameters = { image_url: sourceOf(medium.file), start: seconds(startUs), end: seconds(endUs), ...shared };
      call = { tool: 'add_image', parameters };
    } else {
      const { durationUs, speed } = medium.clip;
      const { start } = playedOf(picture, { clip: medium.clip, frames, fps });
      const played = Math.min(Math.floor((endUs - startUs) * speed), wholeMsBelow(durationUs) - start);
      // The server divides again, and rounds: the next picture begins where this one then ends.
      from = startUs + Math.round(played / speed);
      const part = { start: seconds(start), end: seconds(start + played), duration: seconds(durationUs) };
      const at = { video_url: sourceOf(medium.file), ...part, target_start: seconds(startUs), speed, volume: 0 };
      call = { tool: 'add_video', parameters: { ...at, ...shared } };
    }
    return [call, ...keyframeCalls(courses, { track_name: PICTURES, startUs, endUs: from })];
  });
}

/** A transition belongs to the earlier of its two pictures. The session says what it is called. */
function transitionInto(next: Timeline['tracks']['pictures'][number] | undefined): Record<string, unknown> {
  if (next === undefined || next.transitionUs === 0) return {};
  return { transition: 'crossfade', transition_duration: seconds(wholeMsBelow(next.transitionUs)) };
}

function narrationCalls({ tracks }: Timeline, { media, sourceOf }: CallOptions): CapcutCall[] {
  return tracks.narration.map((narration, index): CapcutCall => {
    const { file, durationUs } = media.narration[index]!;
    const startUs = wholeMs(narration.startUs);
    const length = wholeMs(narration.startUs + narration.durationUs) - startUs;
    const end = Math.min(playedUs({ durationUs: length, tempo: narration.tempo }), wholeMsBelow(durationUs));
    return soundCall({
      ...{
        track_name: NARRATION,
        audio_url: sourceOf(file),
        start: 0,
        end: seconds(end),
        duration: seconds(durationUs),
      },
      ...{ target_start: seconds(startUs), speed: narration.tempo, volume: linearVolume(narration.volumeDb) },
    });
  });
}

/**
 * Sound has neither fades nor keyframes here: under speech the music is a piece of its own, with the volume that the
 * film's compressor comes to.
 */
function musicCalls(timeline: Timeline, { media, sourceOf }: CallOptions): CapcutCall[] {
  const { tracks, fps } = timeline;
  const nearestFrame = (us: number): number => usOfFrame(frameOfUs(us, fps), fps);
  return tracks.music.flatMap((music, index) => {
    const medium = media.music[index]!;
    const curve = duckedVolume(music, { speech: speechOf(tracks.narration, media), fps });
    const turns = curve.slice(1).flatMap((point, each) => {
      const before = curve[each]!;
      return before.volume === point.volume ? [] : [wholeMs(nearestFrame((before.us + point.us) / 2))];
    });
    const track_name = index === 0 ? MUSIC : `${MUSIC} ${index + 1}`;
    return piecesOf(music, { medium, fps }).flatMap(({ target, sourceStartUs }) => {
      const [start, end] = [wholeMs(target.start), wholeMs(target.start + target.duration)];
      const cuts = [start, ...turns.filter((us) => us > start && us < end), end];
      return cuts.slice(1).flatMap((to, each) => {
        const at = cuts[each]!;
        const source = wholeMs(sourceStartUs) + at - start;
        const played = Math.min(to - at, wholeMsBelow(medium.durationUs) - source);
        if (played <= 0) return [];
        return soundCall({
          ...{ track_name, audio_url: sourceOf(medium.file), duration: seconds(medium.durationUs) },
          ...{ start: seconds(source), end: seconds(source + played), target_start: seconds(at), speed: 1 },
          volume: volumeAt(curve, (at + to) / 2),
        });
      });
    });
  });
}

interface SoundParameters {
  track_name: string;
  audio_url: string;
  /** Of the file; without its end, or its length, the server lays down nothing and lets it grow over its neighbour. */
  start: number;
  end: number;
  duration: number;
  target_start: number;
  speed: number;
  volume: number;
}

const soundCall = (parameters: SoundParameters): CapcutCall => ({ tool: 'add_audio', parameters: { ...parameters } });

const COLOURS = { text: '#FFFFFF', outline: '#181A20', shadow: '#000000' };
/** The server writes a fifth of a hundredth of what it is told. */
const OUTLINE_UNITS = 100 / 0.2;

function textCalls(
  { text, look, span, place, courses = [] }: PlacedText,
  { track_name, canvas }: { track_name: string; canvas: Timeline['canvas'] },
): CapcutCall[] {
  const [startUs, endUs] = [wholeMs(span.startUs), wholeMs(span.startUs + span.durationUs)];
  const call: CapcutCall = {
    tool: 'add_text',
    parameters: {
      track_name,
      ...{ text: wellFormed(text), start: seconds(startUs), end: seconds(endUs) },
      // The app's own font: any other is fetched by the app when it opens the draft.
      ...{ font: null, font_color: COLOURS.text, font_size: fontSize(look.em * standingScale(place, courses), canvas) },
      ...{ font_alpha: 1, vertical: false, fixed_width: -1, fixed_height: -1 },
      ...{ transform_x: place.x, transform_y: place.y, background_alpha: 0 },
      ...{ border_width: tenth(look.outlineEm * OUTLINE_UNITS), border_color: COLOURS.outline, border_alpha: 1 },
      ...{ shadow_enabled: true, shadow_color: COLOURS.shadow, shadow_alpha: 0.5 },
      ...{ shadow_angle: -45, shadow_distance: 5, shadow_smoothing: 0.15 },
    },
  };
  return [call, ...keyframeCalls(courses, { track_name, startUs, endUs })];
}

/** A text has no scale of its own here, but by keyframes. */
const standingScale = ({ scale }: Placement, courses: readonly Course[]): number =>
  courses.some(({ property }) => property === 'KFTypeScaleX') ? 1 : scale;

const PROPERTIES: Partial<Record<KeyframeProperty, string>> = {
  KFTypeScaleX: 'uniform_scale',
  KFTypePositionX: 'position_x',
  KFTypePositionY: 'position_y',
};
const A_MS = 1_000;

/**
 * All keyframes of one segment. They name moments of the film, and a moment at which one segment ends and the next
 * begins is the earlier one's: a segment's first keyframe comes a millisecond late. Values are texts.
 */
function keyframeCalls(
  courses: readonly Course[],
  { track_name, startUs, endUs }: { track_name: string; startUs: number; endUs: number },
): CapcutCall[] {
  const keyframes = courses.flatMap(({ property, points }) =>
    points.map(({ offsetUs, value }) => {
      const first = startUs === 0 ? 0 : startUs + A_MS;
      const us = Math.min(Math.max(wholeMs(startUs + offsetUs), first), wholeMsBelow(endUs));
      return { property: PROPERTIES[property] ?? property, time: seconds(us), value: String(value) };
    }),
  );
  if (keyframes.length === 0) return [];
  const parameters = {
    track_name,
    property_types: keyframes.map(({ property }) => property),
    times: keyframes.map(({ time }) => time),
    values: keyframes.map(({ value }) => value),
  };
  return [{ tool: 'add_video_keyframe', parameters }];
}

/** Boundaries are rounded, and lengths are what lies between them: else neighbours overlap by a microsecond. */
const wholeMs = (us: number): number => Math.round(us / 1_000) * 1_000;
const wholeMsBelow = (us: number): number => Math.floor(us / 1_000) * 1_000;
const seconds = (us: number): number => us / 1_000_000;
const tenth = (value: number): number => Math.round(value * 10) / 10;
