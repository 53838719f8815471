import { NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities/index.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { quietRuntime } from '../../test/replay/quiet-runtime.ts';

/** Serves the queues of render and draft with activities that are done at once: the rest of the run is the product's. */
const sha256 = '0'.repeat(64);
const ref = (mediaType: string): AssetRef => ({ uri: `asset:${sha256}`, mediaType, sizeBytes: 1000, sha256 });

const activities: Pick<Activities, 'encodeSegments' | 'renderVideo' | 'writeDraft'> = {
  encodeSegments: () => Promise.resolve({ frames: 0 }),
  renderVideo: () =>
    Promise.resolve({
      ...{ video: ref('video/mp4'), cover: ref('image/jpeg'), captions: null, subtitles: null, durationSeconds: 30 },
      quality: {
        ...{ loudnessLufs: null, truePeakDbtp: null, durationErrorMs: 0, captionTimingErrorMs: null },
        ...{ scenes: [], belowThreshold: [] },
      },
    }),
  writeDraft: ({ videoId }) => Promise.resolve({ draftId: `draft-${videoId}`, draft: ref('application/zip') }),
};

quietRuntime();
const connection = await NativeConnection.connect({ address: process.argv[2]! });
const workers = await Promise.all(
  ['render', 'capcut'].map((taskQueue) => Worker.create({ connection, taskQueue, activities })),
);
process.once('SIGTERM', () => workers.forEach((worker) => worker.shutdown()));
process.stdout.write('ready\n');
await Promise.all(workers.map((worker) => worker.run()));
await connection.close();
