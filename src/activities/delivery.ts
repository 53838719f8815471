import { log } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { Purchase } from '../domain/purchase.ts';
import type { ActivityDeps } from './deps.ts';
import { readTimeline } from './stored-json.ts';

export interface CloseLedgerInput {
  tenant: string;
  videoId: string;
  /** The finished film's Timeline; null when there is no film, and all that was bought is unused. */
  timeline: AssetRef | null;
}

export interface ClosedLedger {
  /** Null when the ledger cannot be read: a film is not lost for its account. */
  cost: Cost | null;
  sandbox: boolean;
}

export function createDeliveryActivities(deps: ActivityDeps) {
  /** What the video cost, each call marked as in the film, unused, or of unknown outcome. */
  async function closeLedger(input: CloseLedgerInput): Promise<ClosedLedger> {
    const used = input.timeline === null ? null : await assetsIn(input.timeline);
    const { tenant, videoId } = input;
    const cost = await deps.desk
      .cost(tenant, videoId, (purchase) => isUsed(purchase, used))
      .catch((error: unknown) => {
        if (!(error instanceof PermanentError)) throw error;
        log.error('The account cannot be told', { videoId, code: error.code, reason: error.message });
        return null;
      });
    return { cost, sandbox: deps.sandboxed };
  }

  async function assetsIn(ref: AssetRef): Promise<Set<string>> {
    const { tracks } = await readTimeline(deps.assets, ref);
    const pictures = tracks.pictures.flatMap(({ source }) =>
      source.kind === 'title_card' ? [] : [source.asset.sha256],
    );
    return new Set([...pictures, ...tracks.narration.map(({ asset }) => asset.sha256)]);
  }

  return { closeLedger };
}

function isUsed(purchase: Purchase, used: Set<string> | null): boolean {
  if (used === null) return false;
  switch (purchase.key.purpose) {
    case 'still':
      return used.has((purchase.kept as { image: AssetRef } | null)?.image.sha256 ?? '');
    case 'clip':
      return used.has((purchase.kept as { clip: AssetRef } | null)?.clip.sha256 ?? '');
    case 'narration':
    case 'narration_retake':
      return used.has((purchase.answer as { audio: AssetRef }).audio.sha256);
    case 'script':
    case 'script_repair':
    case 'script_critique':
    case 'script_rewrite':
    case 'prompt_rewrite':
    case 'embedding':
      return true;
  }
}
