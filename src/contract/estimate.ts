import { z } from 'zod';
import type { Estimate as Reckoned, EstimateLine } from '../domain/estimate.ts';
import { PURCHASE_PURPOSES } from '../domain/ledger-line.ts';

const Cny = z.number().nonnegative();
const Share = z.strictObject({ calls: z.int().nonnegative(), units: z.record(z.string(), z.number()), price: Cny });

export const Estimate = z
  .strictObject({
    currency: z.literal('CNY'),
    scenes: z.int().positive().describe('How many scenes the film will have.'),
    expected: Cny.describe('When all goes as usual.'),
    at_most: Cny.describe('With every repair and improvement, and the largest answers that are taken.'),
    at_most_with_lost_answers: Cny.describe(
      'Were, beyond that, the answer of every call lost in a crash: each is bought at most once more.',
    ),
    lines: z.array(
      z.strictObject({
        purpose: z.enum(PURCHASE_PURPOSES),
        expected: Share,
        at_most: Share,
        basis: z.string().describe('For people: how it was reckoned.'),
      }),
    ),
    max_cost: z
      .strictObject({
        limit: z.number().positive(),
        outcome: z
          .enum(['complete', 'partial', 'failed'])
          .describe('What would come out under it, if all goes as expected.'),
        sure: z.boolean().describe('True when even `at_most` stays under it.'),
        left_out: z
          .array(z.strictObject({ scene_id: z.string(), what: z.enum(['clip', 'picture', 'narration']) }))
          .describe('What would not be bought; in place of a clip there is a still.'),
      })
      .nullable()
      .describe('What `max_cost` would mean for the film; null when none was given.'),
  })
  .meta({ id: 'Estimate' });
export type Estimate = z.infer<typeof Estimate>;

export function estimateToWire({ scenes, expected, atMost, ...reckoned }: Reckoned): Estimate {
  const { currency, atMostWithLostAnswers, lines, maxCost } = reckoned;
  return {
    ...{ currency, scenes, expected, at_most: atMost, at_most_with_lost_answers: atMostWithLostAnswers },
    lines: lines.map(lineToWire),
    max_cost:
      maxCost === null
        ? null
        : {
            ...{ limit: maxCost.limit, outcome: maxCost.outcome, sure: maxCost.sure },
            left_out: maxCost.leftOut.map(({ sceneId, what }) => ({ scene_id: sceneId, what })),
          },
  };
}

const lineToWire = ({ purpose, expected, atMost, basis }: EstimateLine): Estimate['lines'][number] => ({
  ...{ purpose, expected, at_most: atMost, basis },
});

/** For people. */
export function estimateInWords({ expected, at_most: atMost, max_cost: budget }: Estimate): string {
  const cost = `Expected ${cny(expected)}, at most ${cny(atMost)}.`;
  if (budget === null || budget.sure) return cost;
  switch (budget.outcome) {
    case 'complete':
      return `${cost} max_cost is enough as expected, not in every case.`;
    case 'partial':
      return `${cost} max_cost is not enough for all of it.`;
    case 'failed':
      return `${cost} max_cost is not enough for any film.`;
  }
}

const cny = (price: number): string => `CNY ${price.toFixed(2)}`;
