import { createBudgetActivities } from './budget.ts';
import { createClipActivities } from './clip.ts';
import { createDeliveryActivities } from './delivery.ts';
import type { ActivityDeps } from './deps.ts';
import { createDraftActivities } from './draft.ts';
import { lookAtLine } from './line.ts';
import { createNarrationActivities } from './narration.ts';
import { createOwnMaterialActivities } from './own-material.ts';
import { createRenderActivities } from './render.ts';
import { createRewriteActivities } from './rewrite-narration.ts';
import { createPromptRewriteActivities } from './rewrite-prompt.ts';
import { createScriptActivities } from './script.ts';
import { createSimilarPictureActivities } from './similar-pictures.ts';
import { createStillActivities } from './still.ts';
import { createTimelineActivities } from './timeline.ts';
import { createWebhookActivities } from './webhook.ts';

/** Everything a workflow may ask to be done. Workflows see its type only. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...createScriptActivities(deps),
    ...createBudgetActivities(deps),
    ...createRewriteActivities(deps),
    ...createNarrationActivities(deps),
    ...createStillActivities(deps),
    ...createClipActivities(deps),
    ...createPromptRewriteActivities(deps),
    ...createSimilarPictureActivities(deps),
    ...createOwnMaterialActivities(deps),
    ...createTimelineActivities(deps),
    ...createRenderActivities(deps),
    ...createDraftActivities(deps),
    ...createDeliveryActivities(deps),
    ...createWebhookActivities(deps),
    lookAtLine,
  };
}

export type Activities = ReturnType<typeof createActivities>;
export type { ActivityDeps } from './deps.ts';
export type { ClipFilm } from './film-clip.ts';
