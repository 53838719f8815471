import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { STAGES } from '../domain/progress.ts';
import type { Video, VideoProgress } from '../contract/video.ts';
import { progressLines } from './progress-lines.ts';

/** Where the demo shows what happens. */
export interface Screen {
  say(line: string): void;
  show(video: Video): void;
  /** No more progress: what is said from here on stands below it. */
  finish(): void;
}

/** Bars on a terminal, plain lines elsewhere. A closed output is no reason to stop. */
export function createScreen(output: NodeJS.WriteStream = process.stdout): Screen {
  output.on('error', () => {}); // the reader has gone (EPIPE): the film is made all the same
  return output.isTTY ? barScreen(output) : lineScreen(output);
}

function lineScreen(output: NodeJS.WriteStream): Screen {
  const startedAt = Date.now();
  let before: Video | null = null;
  return {
    say: (line) => void output.write(`${line}\n`),
    show: (video) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6);
      for (const line of progressLines(before, video)) output.write(`${seconds} s  ${line}\n`);
      before = video;
    },
    finish: () => {},
  };
}

const MARKS = { pending: '·', complete: '✓', failed: '✗', skipped: '–' } as const;

function barScreen(output: NodeJS.WriteStream): Screen {
  let bars: Bars | null = null;
  return {
    say: (line) => {
      if (bars === null) output.write(`${line}\n`);
      else bars.log(line);
    },
    show: (video) => (bars ??= new Bars(output)).show(video),
    finish: () => {
      bars?.stop();
      bars = null;
    },
  };
}

/** One bar for the stages, one for each branch, one for the render. */
class Bars {
  readonly #all: MultiBar;
  readonly #stages: SingleBar;
  #branches: Partial<Record<'audio' | 'visual' | 'render', SingleBar>> = {};
  #last: VideoProgress | null = null;
  #render: VideoProgress['render'] = null;

  constructor(output: NodeJS.WriteStream) {
    const format = '  {name} {bar} {value}/{total}  {note}';
    const options = { format, stream: output, hideCursor: true, gracefulExit: false, barsize: 24, autopadding: false };
    this.#all = new MultiBar({ ...options, clearOnComplete: false, emptyOnZero: true }, Presets.shades_classic);
    this.#stages = this.#all.create(STAGES.length, 0, { name: 'film  ', note: '' });
  }

  log(line: string): void {
    this.#all.log(`${line}\n`);
    this.#all.update();
  }

  show(video: Video): void {
    const done = video.status === 'success' || video.status === 'partial';
    const stage = video.stage === null ? 0 : STAGES.indexOf(video.stage);
    const waiting = video.waiting === null ? '' : `, waiting: ${video.waiting.reason}`;
    this.#stages.update(done ? STAGES.length : stage, {
      note: `${done ? '' : `${video.stage ?? ''} `}${video.status}${waiting}`,
    });
    this.#last = video.progress ?? this.#last;
    this.#branch('audio', this.#last?.branches.audio ?? null);
    this.#branch('visual', this.#last?.branches.visual ?? null);
    this.#render = video.progress?.render ?? this.#render;
    if (this.#render !== null) {
      const { done_frames: frames, total_frames: total } = this.#render;
      // The render's last report came before its last frame, and is gone when it is over.
      this.#bar('render', done || stage > STAGES.indexOf('compose') ? total : frames, { total, note: 'frames' });
    }
  }

  stop(): void {
    this.#all.stop();
  }

  #branch(name: 'audio' | 'visual', branch: VideoProgress['branches']['audio']): void {
    if (branch === null) return;
    const scenes = branch.scenes.map(
      ({ scene_id: id, state, why }) => `${id}${MARKS[state]}${why === null ? '' : ` ${why}`}`,
    );
    this.#bar(name, branch.settled, { total: branch.total, note: scenes.join(' ') });
  }

  #bar(name: 'audio' | 'visual' | 'render', value: number, { total, note }: { total: number; note: string }): void {
    const bar = (this.#branches[name] ??= this.#all.create(total, 0, { name: name.padEnd(6), note: '' }));
    bar.setTotal(total);
    bar.update(value, { note });
  }
}
