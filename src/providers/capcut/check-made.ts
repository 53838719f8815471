import { refuseDraft } from '../../draft/refuse-draft.ts';
import type { ContentFile } from '../../draft/read-draft.ts';
import type { CapcutCall } from './interfaces.ts';

/**
 * Everything that was told is in the draft: a server that saves leaves out, without a word, what overlaps and keyframes
 * that find no segment. @throws PermanentError `draft_differs`.
 */
export function checkMade({ tracks }: ContentFile, calls: readonly CapcutCall[]): void {
  const told = new Map<string, { segments: number; keyframes: number }>();
  for (const { tool, parameters } of calls) {
    const track = told.get(parameters.track_name) ?? { segments: 0, keyframes: 0 };
    told.set(parameters.track_name, track);
    if (tool === 'add_video_keyframe') track.keyframes += (parameters['times'] as unknown[]).length;
    else track.segments += 1;
  }
  for (const [name, { segments, keyframes }] of told) {
    const made = tracks.find((track) => track.name === name)?.segments ?? [];
    if (made.length !== segments) refuseDraft('draft_differs', `${made.length} of ${segments} ${name} are in it`);
    const lists = made.flatMap((segment) => segment.common_keyframes ?? []);
    const found = lists.reduce((sum, { keyframe_list }) => sum + keyframe_list.length, 0);
    if (found !== keyframes) refuseDraft('draft_differs', `${found} of ${keyframes} keyframes of ${name} are in it`);
  }
}
