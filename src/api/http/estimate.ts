import type { RequestHandler } from 'express';
import { type Estimate, estimateToWire } from '../../contract/estimate.ts';
import { estimateVideo } from '../videos/estimate-video.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { readJson } from './read-body.ts';

/** POST /api/v1/estimate */
export function postEstimate(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const data = estimateToWire(await estimateVideo(gateway, await readJson(req)));
    answer(res, { data, message: inWords(data) });
  };
}

function inWords({ expected, at_most: atMost, max_cost: budget }: Estimate): string {
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
