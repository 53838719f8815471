import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { DraftContent } from '../../src/draft/content.ts';
import { CONTENT_FILES } from '../../src/draft/folder-layout.ts';
import { writeDraftFolder } from '../../src/draft/write-folder.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testFfmpeg } from '../render/films.ts';
import { TestAssets } from '../render/fixtures.ts';

/** A moment in 2025: drafts of tests are always made then. */
export const CREATED_AT_MS = 1_750_000_000_000;

/** A folder for a test file, with assets, an ffmpeg, and drafts. */
export class Studio {
  root = '';
  ffmpeg = '';
  assets!: TestAssets;
  #drafts = 0;

  get draftsRoot(): string {
    return join(this.root, 'drafts');
  }

  /** Writes a draft of a video of its own, and gives its folder. */
  async draft(
    timeline: Timeline,
    { videoId = `v${++this.#drafts}`, signal = new AbortController().signal } = {},
  ): Promise<string> {
    const written = await writeDraftFolder(
      {
        videoId,
        timeline,
        draftsRoot: this.draftsRoot,
        createdAtMs: CREATED_AT_MS,
        assetPath: this.assets.path,
        ffmpeg: this.ffmpeg,
        signal,
      },
      () => Promise.resolve(),
    );
    return written.folder;
  }
}

export function useStudio(): Studio {
  const studio = new Studio();
  before(async () => {
    studio.root = await mkdtemp(join(tmpdir(), 'draft-test-'));
    studio.assets = new TestAssets(join(studio.root, 'assets'));
    studio.ffmpeg = await testFfmpeg();
  });
  after(() => rm(studio.root, { recursive: true, force: true }));
  return studio;
}

export async function contentOf(folder: string): Promise<DraftContent> {
  return JSON.parse(await readFile(join(folder, CONTENT_FILES[0]), 'utf8')) as DraftContent;
}

/** Changes both content files alike. */
export async function edit(folder: string, change: (content: DraftContent) => void): Promise<void> {
  const content = await contentOf(folder);
  change(content);
  for (const name of CONTENT_FILES) await writeFile(join(folder, name), JSON.stringify(content));
}

export const trackOf = (content: DraftContent, name: string) => {
  const track = content.tracks.find((each) => each.name === name);
  if (track === undefined) throw new Error(`no track ${name}`);
  return track;
};

/** A keyframed property of a segment: offsets and values; empty when it stands still. */
export function courseOf(segment: { common_keyframes: unknown[] }, property: string): { us: number; value: number }[] {
  const lists = segment.common_keyframes as {
    property_type: string;
    keyframe_list: { time_offset: number; values: number[] }[];
  }[];
  const list = lists.find((each) => each.property_type === property);
  return (list?.keyframe_list ?? []).map(({ time_offset: us, values }) => ({ us, value: values[0]! }));
}
