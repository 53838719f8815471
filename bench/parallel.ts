import type { Figure } from './figure.ts';
import { ENDED, StackUnderTest } from '../test/e2e/stack-under-test.ts';
import { until } from '../test/until.ts';

const THEMES = ['清晨山谷里的一杯手冲咖啡', '介绍我们的新款智能手表', '周末去海边露营的一天'];
const WISH = { duration: 30 };

/** What the two branches side by side save, of real runs whose providers take as long as real ones. */
export const parallel: Figure = {
  name: 'parallel',
  about: `${THEMES.length} films of 30 s, real delays: branches side by side against a serial schedule of the same calls.`,
  metrics: [
    {
      name: 'parallel_saving',
      about: 'Saved time ÷ ideal saving, min(audio, visual) ÷ (audio + visual).',
      ...{ unit: 'ratio', target: { atLeast: 0.9 } },
    },
    {
      name: 'parallel_vs_serial_saved',
      about: 'Saved against all scenes one after another (the origin document promises 0.30–0.40).',
      ...{ unit: 'ratio', target: { atLeast: 0.6 } },
    },
  ],
  measure: async (bench) => {
    const under = await StackUnderTest.start({ SANDBOX_DELAY_SCALE: '1' });
    const [ofIdeal, ofSerial]: [number[], number[]] = [[], []];
    try {
      for (const theme of THEMES) {
        bench.signal.throwIfAborted();
        const { together, audio, visual, serial } = await assetsOf(under, theme);
        const [saved, ideal] = [1 - together / (audio + visual), Math.min(audio, visual) / (audio + visual)];
        ofIdeal.push(saved / ideal);
        ofSerial.push(1 - together / serial);
        bench.note(
          `audio ${audio.toFixed(1)} s, visual ${visual.toFixed(1)} s, together ${together.toFixed(1)} s; one after another ${serial.toFixed(1)} s`,
        );
      }
    } finally {
      await under.stop();
    }
    bench.record('parallel_saving', ofIdeal);
    bench.record('parallel_vs_serial_saved', ofSerial);
  },
};

interface Branches {
  /** Seconds from the first branch's start to the sync point, by the run's history. */
  together: number;
  /** Seconds that each branch took for itself. */
  audio: number;
  visual: number;
  /** Seconds of all calls for assets one after another, by the provider's ledger. */
  serial: number;
}

/** Has a film's assets made, then cancels it: what comes after is another figure's matter. */
async function assetsOf(under: StackUnderTest, theme: string): Promise<Branches> {
  await under.sandbox.reset();
  const id = await under.order({ ...WISH, video_theme: theme });
  await until(
    `the branches of ${id} have ended`,
    async () => {
      const { audio, visual } = await under.executions(id);
      return audio === 'COMPLETED' && visual === 'COMPLETED';
    },
    { withinMs: 240_000 },
  );
  const { audio, visual } = await under.runs(id);
  const together = await togetherOf(under, id);
  const { lines } = await under.sandbox.ledger();
  await under.request('DELETE', `/api/v1/videos/${id}`);
  await under.untilVideo(id, 'has ended', ({ status }) => (ENDED as readonly string[]).includes(status));
  const bought = lines.filter(({ kind }) => kind === 'image' || kind === 'speech');
  return {
    together,
    audio: secondsOf(audio),
    visual: secondsOf(visual),
    serial: bought.reduce((sum, { at, answeredAt }) => sum + (Date.parse(answeredAt) - Date.parse(at)) / 1000, 0),
  };
}

const secondsOf = (run: { startTime: Date; closeTime?: Date | undefined } | null): number =>
  ((run?.closeTime?.getTime() ?? NaN) - (run?.startTime.getTime() ?? NaN)) / 1000;

/** As the parent sees it: from its wish for the branches to the end of the last. */
async function togetherOf(under: StackUnderTest, id: string): Promise<number> {
  const handle = under.client.workflow.getHandle(`video-${id}`);
  const { events } = await handle.fetchHistory();
  const times = (events ?? []).flatMap((event) => {
    const isBranch =
      event.startChildWorkflowExecutionInitiatedEventAttributes ?? event.childWorkflowExecutionCompletedEventAttributes;
    return isBranch == null || event.eventTime == null
      ? []
      : [Number(event.eventTime.seconds ?? 0) + (event.eventTime.nanos ?? 0) / 1e9];
  });
  return Math.max(...times) - Math.min(...times);
}
