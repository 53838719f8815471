import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { type FinishedVideo, savedInWords, saveFilm } from '../../src/cli/film-files.ts';
import { McpBridgeClient } from '../../src/client/index.ts';
import { checkMovedDraft } from '../../src/draft/check-draft.ts';
import { zipDraft } from '../../src/draft/zip-draft.ts';
import { useStudio } from '../draft/studio.ts';
import { testTimeline } from '../render/films.ts';

describe('what the demo saves', () => {
  const studio = useStudio();
  let zip: Buffer;
  let id = '';
  before(async () => {
    const folder = await studio.draft(await testTimeline(studio.assets, { durationSeconds: 6 }), { videoId: 'vSaved' });
    id = path.basename(folder);
    zip = await buffer(await zipDraft(folder, { name: id, signal: new AbortController().signal }));
  });

  it('is named in result.json, and is there: the draft as a ZIP and as a folder that opens', async (t) => {
    const asset = (name: string) => `/api/v1/assets/${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
    let type = 'video/mp4';
    const server = createServer((req, res) => {
      res.setHeader('content-type', type);
      res.end(req.url === asset('draft') ? zip : `bytes of ${req.url}`);
    });
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const urls = { video_url: asset('film'), cover_url: asset('cover'), captions_url: asset('srt') };
    const draft = { subtitles_url: asset('ass'), draft_id: id, draft_url: asset('draft') };
    const client = new McpBridgeClient({ baseUrl: base });
    const out = path.join(studio.root, 'out');

    // Twice: a film is made anew into the folder of an earlier one.
    for (let round = 0; round < 2; round += 1) {
      const files = await saveFilm(client, { title: 'x', ...urls, ...draft } as FinishedVideo, out);
      assert.deepEqual((await readdir(out)).sort(), [
        ...['captions.ass', 'captions.srt', 'cover.jpg', 'draft', 'draft.zip', 'result.json', 'video.mp4'],
      ]);
      const result = JSON.parse(await readFile(path.join(out, 'result.json'), 'utf8')) as { files: typeof files };
      assert.deepEqual(result.files, files);
      assert.equal(files.draft_folder, `draft/${id}`);
      await checkMovedDraft(path.join(out, 'draft', id), { placedAt: path.join(out, 'draft', id) });
    }

    type = 'video/webm';
    const without = { captions_url: null, subtitles_url: null, draft_id: null, draft_url: null };
    const files = await saveFilm(client, { title: 'x', ...urls, ...without } as FinishedVideo, out);
    assert.deepEqual(files, { video: 'video.webm', cover: 'cover.jpg' });
    assert.equal(savedInWords(files, 'out'), 'Saved: out/video.webm, and beside it cover.jpg, result.json');
    for (const name of ['captions.srt', 'captions.ass', 'draft.zip'])
      assert.ok(!(await readdir(out)).includes(name), name);
  });
});
