import type { FieldFault } from '../../contract/error-body.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { type NamingAssets, unusableAssets } from './named-assets.ts';
import type { RequestFaults } from './refusal.ts';

/** What only the moment can tell: the deadline lies ahead, the assets exist. */
export async function faultsOfTheMoment(
  { store, clock }: { store: AssetStore; clock: () => Date },
  wish: NamingAssets & Pick<VideoSpec, 'deadline'>,
): Promise<RequestFaults> {
  return { invalid: passedDeadline(wish.deadline, clock()), unusable: await unusableAssets(store, wish) };
}

function passedDeadline(deadline: string | null, now: Date): FieldFault[] {
  if (deadline === null || Date.parse(deadline) > now.getTime()) return [];
  return [{ field: 'deadline', message: 'has passed: send a time in the future' }];
}
