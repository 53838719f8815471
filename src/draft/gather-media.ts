import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gatherPictures } from './gather-pictures.ts';
import { gatherMusic, gatherNarration } from './gather-sounds.ts';
import type { Gathering } from './gathering.ts';
import type { DraftMedia } from './media.ts';

/** All that the Timeline shows and plays, as files that every app reads, measured. */
export async function gatherMedia(gathering: Gathering): Promise<DraftMedia> {
  for (const kind of ['image', 'video', 'audio'])
    await mkdir(join(gathering.folder, 'assets', kind), { recursive: true });
  return {
    pictures: await gatherPictures(gathering),
    narration: await gatherNarration(gathering),
    music: await gatherMusic(gathering),
  };
}
