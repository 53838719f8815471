import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import { allot, type Wish } from '../ledger/allot.ts';
import { clipPrice, speechPrice, stillWithEmbedding } from '../ledger/prices.ts';
import { clipShapeFor, clipTokens } from '../domain/clip-models.ts';
import type { ActivityDeps } from './deps.ts';

export interface AllotBudgetInput {
  videoId: string;
  tenant: string;
  /** CNY for the whole video. */
  maxCost: number;
  /** Scenes whose picture is to be bought. */
  stills: string[];
  /** Those of them that are to move. Not in older inputs. */
  clips?: { sceneId: string; seconds: number; aspectRatio: AspectRatio; canvas: Canvas }[];
  narrations: { sceneId: string; text: string }[];
  /** Of the bought pictures, as many must be there for a film. */
  neededPictures: number;
}

/** What is not to be bought, because `max_cost` does not reach for it. */
export interface AllottedBudget {
  /** False: not even the pictures without which there is no film can be paid. */
  sufficient: boolean;
  stills: string[];
  narrations: string[];
  /** To be bought as stills, because it does not reach for clips. */
  asStills?: string[];
}

/**
 * Decides once, before the branches, what a limited sum is spent on: side by side they would take it from each other, and
 * chance would say what the film lacks. The desk still checks each purchase.
 */
export function createBudgetActivities(deps: ActivityDeps) {
  async function allotBudget(input: AllotBudgetInput): Promise<AllottedBudget> {
    const { tenant, videoId, maxCost } = input;
    const { total, lines } = await deps.desk.cost(tenant, videoId, () => true);
    const priceOf = (sceneId: string, purpose: Wish['purpose'], price: number): Wish => {
      const has = lines.some((line) => line.sceneId === sceneId && line.purpose === purpose && line.state === 'bought');
      return { sceneId, purpose, price: has ? 0 : price };
    };
    const clipPriceOf = (sceneId: string): { price?: number; clipPrice?: number } => {
      const clip = input.clips?.find((each) => each.sceneId === sceneId);
      if (clip === undefined) return {};
      // What is ordered already costs nothing more, as a clip.
      const has = lines.some((line) => line.sceneId === sceneId && line.purpose === 'clip' && line.state === 'bought');
      return has ? { price: 0, clipPrice: 0 } : { clipPrice: priceOfClip(clip) };
    };
    const still = stillWithEmbedding(deps.prices, {
      ...{ image: deps.models.image, embedding: deps.embedding?.model ?? null },
    });
    const wishes = [
      ...input.stills.map((sceneId) => ({ ...priceOf(sceneId, 'still', still), ...clipPriceOf(sceneId) })),
      ...input.narrations.map(({ sceneId, text }) =>
        priceOf(sceneId, 'narration', speechPrice(deps.prices, 'default', text.length).price),
      ),
    ];
    const { sufficient, leftOut, asStills } = allot(maxCost - total, wishes, { pictures: input.neededPictures });
    const without = (purpose: Wish['purpose']) =>
      leftOut.filter((wish) => wish.purpose === purpose).map(({ sceneId }) => sceneId);
    return {
      ...{ sufficient, stills: without('still'), narrations: without('narration') },
      asStills: asStills.map(({ sceneId }) => sceneId),
    };
  }

  function priceOfClip({ aspectRatio, canvas, seconds }: NonNullable<AllotBudgetInput['clips']>[number]): number {
    const { video, videoFamily: family } = deps.models;
    const shape = clipShapeFor(video, { aspectRatio, canvas, seconds }, { family });
    return clipPrice(deps.prices, video, clipTokens(shape)).price;
  }

  return { allotBudget };
}
