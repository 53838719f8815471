import type { PurchasePurpose } from './ledger-line.ts';

/** So many calls, what they take, and what that costs in CNY. */
export interface EstimatedCalls {
  calls: number;
  units: Record<string, number>;
  price: number;
}

export interface EstimateLine {
  purpose: PurchasePurpose;
  expected: EstimatedCalls;
  atMost: EstimatedCalls;
  /** For people: how it was reckoned. */
  basis: string;
}

/** What a film will cost, before anything is bought. */
export interface Estimate {
  currency: 'CNY';
  scenes: number;
  /** CNY, when all goes as usual. */
  expected: number;
  /** CNY, with every repair and every improvement, at the largest answers that are taken. */
  atMost: number;
  /** CNY, were in addition the answer of every call lost in a crash: each is bought once more, and never a third time. */
  atMostWithLostAnswers: number;
  lines: EstimateLine[];
  /** Null: no `max_cost` was given. */
  maxCost: BudgetForecast | null;
}

export interface BudgetForecast {
  limit: number;
  /** What would come out, if all goes as expected. */
  outcome: 'complete' | 'partial' | 'failed';
  /** Nothing can be left out for it: even the most stays under it. */
  sure: boolean;
  leftOut: { sceneId: string; what: 'clip' | 'picture' | 'narration' }[];
}
