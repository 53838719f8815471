import type { VideoProgress, Video } from '../contract/video.ts';

type Branch = NonNullable<VideoProgress['branches']['audio']>;

const RENDER_STEP = 0.1; // a line for each tenth: a plain log is read afterwards, not watched

/** What has changed between two views of one video, a line for each: for logs and pipes. */
export function progressLines(before: Video | null, now: Video): string[] {
  const settled = [
    ...branchLines('audio ', before?.progress?.branches.audio ?? null, now.progress?.branches.audio ?? null),
    ...branchLines('visual', before?.progress?.branches.visual ?? null, now.progress?.branches.visual ?? null),
  ];
  const rendered = renderLine(before?.progress?.render ?? null, now.progress?.render ?? null);
  const stage = now.stage === null || before?.stage === now.stage ? [] : [`stage ${now.stage}`];
  return [
    // Scenes settle in the stage `assets`: what is heard of them later still belongs before the next one.
    ...(now.stage === 'assets' ? [...stage, ...settled] : [...settled, ...stage]),
    ...(before?.status === now.status ? [] : [now.status]),
    ...waitingLine(before, now),
    ...rendered,
  ];
}

function waitingLine(before: Video | null, now: Video): string[] {
  if (now.waiting === null || before?.waiting?.reason === now.waiting.reason) return [];
  return [`waiting: ${now.waiting.reason}${now.waiting.until === null ? '' : ` until ${now.waiting.until}`}`];
}

function branchLines(name: string, before: Branch | null, now: Branch | null): string[] {
  if (now === null) return [];
  const known = new Map(before?.scenes.map((scene) => [scene.scene_id, scene.state]));
  const settledNow = now.scenes.filter(({ scene_id: id, state }) => state !== 'pending' && known.get(id) !== state);
  const count = `${name} ${now.settled}/${now.total}`;
  if (settledNow.length === 0) return before === null || before.total !== now.total ? [count] : [];
  const scenes = settledNow.map(({ scene_id: id, state, why }) => `${id} ${state}${why === null ? '' : ` (${why})`}`);
  return [`${count}  ${scenes.join(', ')}`];
}

function renderLine(before: VideoProgress['render'], now: VideoProgress['render']): string[] {
  if (now === null) return [];
  const step = (render: VideoProgress['render']) =>
    render === null ? -1 : Math.floor(render.done_frames / render.total_frames / RENDER_STEP);
  if (step(before) === step(now)) return [];
  const percent = Math.round((now.done_frames / now.total_frames) * 100);
  return [`render ${now.done_frames}/${now.total_frames} frames (${percent} %)`];
}
