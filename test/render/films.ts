import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { canvasFor, type AspectRatio, type FrameRate } from '../../src/domain/canvas.ts';
import { buildTimeline, type BuildInput, type TimelineScene } from '../../src/timeline/build.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { findFfmpeg } from '../../src/tools/ffmpeg.ts';
import type { TestAssets } from './fixtures.ts';
import { evenWords } from './fixtures.ts';

export async function testFfmpeg(): Promise<string> {
  const cacheDir = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mcp-bridge');
  return (await findFfmpeg({ explicitPath: process.env['FFMPEG_PATH'] ?? null, cacheDir, onNote: () => {} })).path;
}

export const TEXTS = ['清晨的山谷，阳光正好。', '带上{水壶}和地图，出发！', 'Walk slowly. 慢慢走，看看路边的花。'];

interface FilmChange extends Partial<
  Pick<BuildInput, 'captions' | 'durationSeconds' | 'music' | 'fps' | 'title' | 'language' | 'label'>
> {
  ratio?: AspectRatio;
  gain?: number;
  texts?: readonly string[];
  change?: (scenes: TimelineScene[]) => void;
}

/** Three scenes of speech-like sound over drawn pictures. */
export async function testTimeline(assets: TestAssets, film: FilmChange = {}): Promise<Timeline> {
  const { ratio = '9:16', gain = 0.3, texts = TEXTS, change = () => {}, ...rest } = film;
  const durationSeconds = rest.durationSeconds ?? 5;
  const spokenMs = Math.round((durationSeconds * 1000 * 0.7) / texts.length);
  const scenes: TimelineScene[] = [];
  for (const [index, narration] of texts.entries()) {
    scenes.push({
      sceneId: `s${index + 1}`,
      narration,
      audio: {
        asset: await assets.speech(spokenMs, { gain }),
        durationMs: spokenMs,
        words: evenWords(narration, spokenMs),
      },
      picture: { kind: 'still', asset: await assets.picture(index) },
    });
  }
  change(scenes);
  const { timeline } = buildTimeline({
    canvas: canvasFor(ratio, '360p'),
    fps: rest.fps ?? (30 as FrameRate),
    durationSeconds,
    captions: rest.captions ?? 'karaoke',
    title: rest.title ?? 'A test',
    language: rest.language ?? 'zh',
    music: rest.music === undefined ? { kind: 'bed', name: 'calm' } : rest.music,
    label: rest.label ?? null,
    scenes,
  });
  return timeline;
}

/** Processes that work in a folder (Linux): ffmpeg runs in the render's own. */
export function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === folder &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}
