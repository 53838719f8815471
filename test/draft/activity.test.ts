import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { createDraftActivities, type WriteDraftInput, type WrittenDraft } from '../../src/activities/draft.ts';
import { UNGUARDED } from '../../src/breakers/breakers.ts';
import { loadConfig } from '../../src/config.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import { relocateDraft } from '../../src/draft/relocate-draft.ts';
import type { LocalUse } from '../../src/store/asset-store.ts';
import { FolderAssetStore } from '../../src/store/folder-asset-store.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testTimeline } from '../render/films.ts';
import { CREATED_AT_MS, useStudio } from './studio.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

describe('writeDraft', () => {
  const studio = useStudio();
  let store: FolderAssetStore;
  let timeline: Timeline;
  let stored: AssetRef;
  let draftsRoot = '';
  before(async () => {
    store = new FolderAssetStore(join(studio.root, 'store'));
    draftsRoot = join(studio.root, 'users drafts');
    timeline = await testTimeline(studio.assets, { durationSeconds: 5 });
    stored = await store.put(Buffer.from(JSON.stringify(timeline)), 'application/json');
  });

  function attempt(input: WriteDraftInput, { cancelAfterMs }: { cancelAfterMs?: number } = {}): Promise<WrittenDraft> {
    // The pictures and sounds of the tests lie beside the store.
    const assets = Object.assign(Object.create(store) as FolderAssetStore, {
      withLocalFiles: (_refs: AssetRef[], { work }: LocalUse<unknown>) => work(studio.assets.path),
      read: () => store.read(stored),
      put: (...args: Parameters<FolderAssetStore['put']>) => store.put(...args),
    });
    const { writeDraft } = createDraftActivities({
      assets,
      draftsRoot,
      ffmpeg: studio.ffmpeg,
      drafts: {
        ...{ strategy: loadConfig({}).errorHandling.fallback_strategies.project_creation, guard: UNGUARDED },
        ...{ capcut: {}, sight: null, onFallback: () => assert.fail('nothing was fallen back from') },
      },
    } as unknown as ActivityDeps);
    const environment = new MockActivityEnvironment({ scheduledTimestampMs: CREATED_AT_MS });
    if (cancelAfterMs !== undefined) setTimeout(() => environment.cancel(), cancelAfterMs);
    return environment.run<[WriteDraftInput], WrittenDraft, typeof writeDraft>(writeDraft, input);
  }

  it('leaves the folder for the app and stores the same as a ZIP', async () => {
    const { draftId, draft, ...rest } = await attempt({ videoId: 'v1', timeline: stored });
    assert.deepEqual([draftId, rest], ['draft-v1', { channel: 'local_draft' }]);
    assert.deepEqual(
      [draft.mediaType, (await store.find(draft.sha256))?.sizeBytes],
      ['application/zip', draft.sizeBytes],
    );
    await checkDraft(join(draftsRoot, draftId), { timeline });
    const { folder } = await store.withLocalFiles([draft], {
      work: (pathOf) => relocateDraft(pathOf(draft), join(studio.root, 'another machine')),
    });
    await checkDraft(folder, { timeline });
  });

  it('gives the same answer to a second attempt', async () => {
    const first = await attempt({ videoId: 'v2', timeline: stored });
    assert.deepEqual(await attempt({ videoId: 'v2', timeline: stored }), first);
  });

  it('ends soon when it is cancelled, and leaves nothing', async () => {
    const visible = await readdir(draftsRoot);
    for (const cancelAfterMs of [0, 80, 200]) {
      const begun = Date.now();
      await assert.rejects(attempt({ videoId: 'v3', timeline: stored }, { cancelAfterMs }), CancelledFailure);
      assert.ok(Date.now() - begun < onABusyMachine(3_000));
    }
    assert.deepEqual(await readdir(draftsRoot), visible);
  });
});
