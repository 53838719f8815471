import { type ActivityInterfaceFor, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import { generate, underWay } from './profiles.ts';

type Calls = ActivityInterfaceFor<Activities>;

/** One branch's calls for its scenes, by its policy. Those that follow the first that is done go before other films' first. */
export function sceneCalls(policy: BranchPolicy) {
  const first = proxyActivities<Activities>(generate(policy));
  const further = proxyActivities<Activities>(underWay(generate(policy)));
  let hasBegun = false;
  return async <Made>(call: (calls: Calls) => Promise<Made>): Promise<Made> => {
    try {
      return await call(hasBegun ? further : first);
    } finally {
      hasBegun = true;
    }
  };
}

export type SceneCalls = ReturnType<typeof sceneCalls>;
