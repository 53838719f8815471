import { PermanentError } from '../domain/errors.ts';
import { framePlan } from './frame-plan.ts';
import { frameOfUs, usOfFrame } from './frames.ts';
import { Timeline } from './timeline.ts';

interface Span {
  sceneId?: string;
  startUs: number;
  durationUs: number;
}

/**
 * Every rule a reader of a timeline relies on. Pure.
 * @throws PermanentError `invalid_timeline`, naming the rule and where it is broken.
 */
export function checkTimeline(timeline: Timeline): void {
  const parsed = Timeline.safeParse(timeline);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    fail('shape', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { canvas } = timeline;
  if (canvas.width % 2 !== 0 || canvas.height % 2 !== 0) fail('even canvas', `${canvas.width}x${canvas.height}`);
  onFrame(timeline.durationUs, 'the film', timeline);
  checkPictures(timeline);
  checkNarration(timeline);
  checkMusic(timeline);
  checkCaptions(timeline);
  checkLabels(timeline);
  checkTitles(timeline);
}

function checkPictures(timeline: Timeline): void {
  const { pictures } = timeline.tracks;
  let at = 0;
  for (const [index, picture] of pictures.entries()) {
    const name = `picture of ${picture.sceneId}`;
    onFrames(picture, name, timeline);
    if (picture.startUs !== at) fail('pictures are contiguous', `${name} starts at ${picture.startUs}, not at ${at}`);
    at = end(picture);
    const transition = frameOfUs(picture.transitionUs, timeline.fps);
    onFrame(picture.transitionUs, `transition of ${picture.sceneId}`, timeline);
    if (index === 0 && transition !== 0) fail('the first picture has no transition', name);
    if (transition !== 0 && transition % 2 === 0) fail('a transition has an odd count of frames', name);
  }
  if (at !== timeline.durationUs) fail('pictures cover the film', `they end at ${at} of ${timeline.durationUs}`);
  for (const [index, { body, visible }] of framePlan(timeline).entries()) {
    const name = `picture of ${pictures[index]!.sceneId}`;
    if (body.end < body.start) fail('transitions fit into their pictures', name);
    if (visible.start < 0 || visible.end > frameOfUs(timeline.durationUs, timeline.fps))
      fail('transitions lie in the film', name);
  }
}

function checkNarration(timeline: Timeline): void {
  const { narration, pictures } = timeline.tracks;
  let at = 0;
  for (const segment of narration) {
    const name = `narration of ${segment.sceneId}`;
    onFrames(segment, name, timeline);
    insideFilm(segment, name, timeline);
    if (segment.startUs < at) fail('narrations do not overlap', `${name} starts at ${segment.startUs}, before ${at}`);
    at = end(segment);
    const picture = pictures.find(({ sceneId }) => sceneId === segment.sceneId);
    if (picture === undefined) fail('every narration has its picture', name);
    if (segment.startUs < picture.startUs) fail('narration starts after its picture', name);
    const needed =
      frameOfUs(segment.sourceDurationUs / segment.tempo, timeline.fps) - frameOfUs(segment.durationUs, timeline.fps);
    if (needed > 0) fail('narration is not cut', `${name} lacks ${needed} frames`);
  }
}

function checkMusic(timeline: Timeline): void {
  for (const segment of timeline.tracks.music) {
    onFrames(segment, 'music', timeline);
    insideFilm(segment, 'music', timeline);
    if (segment.fadeInUs + segment.fadeOutUs > segment.durationUs) fail('fades fit into the music', 'music');
  }
}

function checkCaptions(timeline: Timeline): void {
  let at = 0;
  for (const caption of timeline.tracks.captions) {
    const name = `caption of ${caption.sceneId} at ${caption.startUs}`;
    onFrames(caption, name, timeline);
    insideFilm(caption, name, timeline);
    if (caption.startUs < at) fail('captions do not overlap', name);
    at = end(caption);
    if (caption.lines.some((line) => /[\p{Cc}]/u.test(line))) fail('caption lines have no control characters', name);
    if (caption.words === null) continue;
    if (caption.words.map(({ text }) => text).join('') !== caption.lines.join(''))
      fail('words join to the lines', name);
    let word = caption.startUs;
    for (const { startUs, endUs } of caption.words) {
      if (startUs < word || endUs < startUs || endUs > at) fail('words lie in order inside their caption', name);
      word = endUs;
    }
  }
}

function checkLabels(timeline: Timeline): void {
  for (const label of timeline.tracks.labels) {
    const name = `label at ${label.startUs}`;
    onFrames(label, name, timeline);
    insideFilm(label, name, timeline);
    if (/\p{Cc}/u.test(label.text)) fail('labels have no control characters', name);
  }
}

function checkTitles(timeline: Timeline): void {
  const { titles, pictures } = timeline.tracks;
  if (titles.length === 0) return;
  const plan = framePlan(timeline);
  let at = 0;
  for (const title of titles) {
    const name = `title of ${title.sceneId}`;
    onFrames(title, name, timeline);
    if (title.startUs < at) fail('titles do not overlap', name);
    at = end(title);
    const index = pictures.findIndex(({ sceneId }) => sceneId === title.sceneId);
    if (index < 0) fail('every title has its picture', name);
    if (pictures[index]!.source.kind === 'title_card') fail('a title card has no title', name);
    const { body } = plan[index]!;
    if (frameOfUs(title.startUs, timeline.fps) < body.start || frameOfUs(at, timeline.fps) > body.end)
      fail('a title stands where its picture stands alone', name);
    if (title.lines.some((line) => /\p{Cc}/u.test(line))) fail('titles have no control characters', name);
  }
}

const end = (span: Span): number => span.startUs + span.durationUs;

function insideFilm(span: Span, name: string, { durationUs }: Timeline): void {
  if (end(span) > durationUs) fail('everything lies inside the film', `${name} ends at ${end(span)} of ${durationUs}`);
}

function onFrames(span: Span, name: string, timeline: Timeline): void {
  onFrame(span.startUs, name, timeline);
  onFrame(end(span), name, timeline);
}

function onFrame(us: number, name: string, { fps }: Timeline): void {
  if (usOfFrame(frameOfUs(us, fps), fps) !== us) fail('times lie on frame boundaries', `${name}: ${us}`);
}

function fail(rule: string, where: string): never {
  throw new PermanentError('invalid_timeline', `Timeline rule broken: ${rule} (${where}).`);
}
