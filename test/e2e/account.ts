import assert from 'node:assert/strict';
import type { WireCost } from '../../src/contract/video.ts';
import type { z } from 'zod';
import { assertAgree } from './agree.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

type Cost = z.infer<typeof WireCost>;
/** What the far side's invoice calls a purchase. */
export const KIND_OF = {
  ...{ script: 'chat', script_repair: 'chat', script_critique: 'chat', script_rewrite: 'chat', prompt_rewrite: 'chat' },
  ...{ still: 'image', clip: 'video', narration: 'speech', narration_retake: 'speech', embedding: 'embedding' },
} as const;
export const KINDS = ['chat', 'image', 'video', 'speech', 'embedding'] as const;

/**
 * The account in the result is the far side's invoice, call by call; nothing was bought a second time unless nobody
 * could know that the first had been. `lost` names how many calls were in flight when somebody died.
 */
export async function assertHonestAccount(under: StackUnderTest, cost: Cost, { lost = 0 } = {}): Promise<void> {
  const { lines } = await under.sandbox.ledger();
  const unknown = cost.lines.filter((line) => line.state === 'unknown').length;
  assert.ok(
    unknown <= lost,
    `${unknown} calls of unknown outcome, ${lost} were in flight: ${JSON.stringify(cost.lines)}`,
  );
  for (const kind of KINDS) {
    const billed = lines.filter((line) => line.kind === kind).length;
    const told = cost.lines.filter((line) => KIND_OF[line.purpose] === kind);
    const sure = told.filter((line) => line.state !== 'unknown').length;
    assert.ok(billed >= sure && billed <= told.length, `${kind}: billed ${billed}, told ${JSON.stringify(told)}`);
  }
  const bought = cost.lines
    .filter((line) => line.state !== 'unknown')
    .map((line) => `${line.purpose} ${line.scene_id}`);
  assert.equal(new Set(bought).size, bought.length, `bought twice: ${bought.join(', ')}`);
}

/** What must hold after any end: all who are asked agree, nothing is left running or lying about. */
export async function assertAtRest(
  under: StackUnderTest,
  id: string,
  temporal: string,
  // Sooner than the reaper would.
  { tidyWithinMs = 30_000 } = {},
): Promise<void> {
  const { video, audio, visual } = await under.executions(id);
  assert.equal(video, temporal);
  for (const child of [audio, visual]) assert.match(child ?? '', /^(COMPLETED|ABSENT)$/, 'branches end by themselves');
  await assertAgree(under, id);
  await until('no ffmpeg is left', () => under.ffmpegs().length === 0, { withinMs: 15_000 });
  await until('the work folder is gone', () => !under.hasWorkFiles(id), { withinMs: tidyWithinMs });
}
