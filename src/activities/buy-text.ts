import { Context } from '@temporalio/activity';
import type { PurchasePurpose } from '../domain/ledger-line.ts';
import { chatPrice } from '../ledger/prices.ts';
import type { ChatRequest } from '../providers/doubao/interfaces.ts';
import type { ActivityDeps } from './deps.ts';
import { isWanted } from './is-wanted.ts';

export interface TextOrder {
  purpose: PurchasePurpose;
  videoId: string;
  tenant: string;
  /** Left out for what is bought for the whole film. */
  sceneId?: string;
  maxCost: number | null;
  request: ChatRequest;
}

/** One chat call, bought once. What comes back is whatever the model wrote. */
export async function buyText(deps: ActivityDeps, order: TextOrder): Promise<string> {
  const { request, tenant, videoId, sceneId = null, purpose } = order;
  const { answer } = await deps.desk.buy({
    key: { tenant, videoId, sceneId, purpose },
    provider: 'ark',
    model: request.model,
    prompt: JSON.stringify(request.messages),
    estimate: chatPrice(deps.prices, request.model, estimatedUsage(request)),
    maxCost: order.maxCost,
    isWanted: () => isWanted(videoId),
    signal: Context.current().cancellationSignal,
    call: async () => {
      const result = await deps.ark.chat(request);
      return {
        answer: result.content,
        cost: {
          ...chatPrice(deps.prices, request.model, result.usage ?? estimatedUsage(request)),
          basis: result.usage === null ? ('estimated' as const) : ('reported' as const),
          model: result.model,
        },
      };
    },
  });
  return answer;
}

/** Before the call: about one token a character in, and the whole allowance out is never used; half is generous. */
function estimatedUsage(request: ChatRequest): { inputTokens: number; outputTokens: number } {
  const characters = request.messages.reduce((sum, message) => sum + message.content.length, 0);
  return { inputTokens: characters, outputTokens: request.maxTokens / 2 };
}
