/** One protection taken out of the product's source, and the campaign that must notice. */
export interface Weakness {
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  from: string;
  to: string;
  /** For `npm run chaos`: what strikes where this protection matters. */
  campaign: string[];
}

const campaign = (strikes: number, ...only: string[]): string[] => [
  ...['--short', '--films', '10', '--strikes', `${strikes}`, '--gap', '1500'],
  ...(only.length === 0 ? [] : ['--only', ...only]),
];

/** What each is for stands beside it in the source; what happens without it is what the campaign says. */
export const WEAKNESSES: readonly Weakness[] = [
  {
    name: 'an answer that was paid for is not looked for',
    file: 'src/ledger/purchase-desk.ts',
    from: "const answered = known.find((purchase) => purchase.state === 'answered');",
    to: 'const answered = known.find(() => false);',
    campaign: campaign(10, 'broken downloads'),
  },
  {
    name: 'an error page in front of the provider counts as not billed',
    file: 'src/providers/paid-post.ts',
    from: "if (!isRefusal(answer.status)) return outcomeUnknown(answer, 'answered in no known form', null);",
    to: '',
    campaign: campaign(10, 'in no form, billed'),
  },
  {
    name: 'a call without an answer counts as never sent',
    file: 'src/providers/paid-post.ts',
    from: "if (sent) throw outcomeUnknown({ provider, status: null }, 'gave no answer', systemCode(cause));",
    to: 'void sent;',
    campaign: campaign(10, 'no answer'),
  },
  {
    name: 'a failed scene fails its branch',
    file: 'src/workflows/settle-scenes.ts',
    from: "if (error instanceof ActivityFailure) return { branch, sceneId, status: 'failed', failure: failureOf(error) };",
    to: '',
    campaign: campaign(10, 'refused contents'),
  },
  {
    name: 'an ffmpeg that stands still is waited for',
    file: 'src/render/run-ffmpeg.ts',
    from: 'hung = true;\n    void endGroup(child, HUNG_GRACE_MS);',
    to: 'hung = HUNG_GRACE_MS > 0;',
    campaign: campaign(10, 'stop an ffmpeg'),
  },
  {
    name: 'nobody compares the read model with Temporal',
    file: 'src/api/reconciler.ts',
    from: 'await reconcileUnfinished(deps);\n      await reconcileClosed(deps, laterOf(closedSince, keptSince({ retentionDays, now: startedAt })));',
    to: 'void [deps, reconcileUnfinished, reconcileClosed, laterOf, keptSince, retentionDays];',
    campaign: [...campaign(10, 'terminate a run', 'kill -9 a worker'), '--silent', '0.8'],
  },
  {
    name: 'a key does not name its video',
    file: 'src/api/videos/start-video.ts',
    from: 'const videoId = use?.videoId ?? newVideoId();',
    to: 'const videoId = newVideoId();',
    campaign: [...campaign(10, 'kill -9 a gateway'), '--impatient', '0.8'],
  },
  {
    name: 'what happened is told as often as it is reported',
    file: 'src/read-model/append.ts',
    from: 'return reported.filter(({ key }) => !told.has(key) && told.add(key));',
    to: 'return reported.map((one, n) => (told.has(one.key) ? { ...one, key: `${one.key} ${Date.now()} ${n}` } : one));',
    campaign: campaign(14, 'kill -9 a worker', 'stop the database'),
  },
  {
    name: 'a cancelled branch does not wait for what is being paid',
    file: 'src/workflows/profiles.ts',
    from: 'retry: attempts(policy.retryAttempts),\n  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,',
    to: 'retry: attempts(policy.retryAttempts),\n  cancellationType: ActivityCancellationType.ABANDON,',
    campaign: [...campaign(10, 'slow answers'), '--fickle', '0.8'],
  },
  {
    name: 'an outage of Temporal is an unknown error',
    file: 'src/api/temporal-gate.ts',
    from: "throw isOutage(error) ? unavailable('Temporal did not answer in time', error) : error;",
    to: 'throw [error, isOutage][0];',
    campaign: [...campaign(14, 'the Temporal server'), '--impatient', '0.8', '--fickle', '0.8'],
  },
  {
    name: 'nobody clears up after a run that was terminated',
    file: 'src/workers/reaper.ts',
    from: 'const folders = await reapFolders(options);',
    to: 'const folders = await Promise.resolve([reapFolders, options].length - 2);',
    campaign: campaign(10, 'terminate a run'),
  },
];
