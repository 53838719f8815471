import type { AssetRef } from '../domain/asset.ts';
import type { AssetStore } from '../store/asset-store.ts';

interface Lent {
  /** Brings one asset as a file; it stays until `work` has ended. */
  bring: (asset: AssetRef) => Promise<void>;
  /** Of what was brought. */
  assetPath: (asset: AssetRef) => string;
}

/** Runs `work` with files of assets, each brought when it is first asked for: much of a film may not be needed any more. */
export async function withLentAssets<Result>(
  assets: AssetStore,
  { signal, work }: { signal: AbortSignal; work: (lent: Lent) => Promise<Result> },
): Promise<Result> {
  const paths = new Map<string, string>();
  const asked = new Map<string, Promise<void>>();
  const loans: Promise<unknown>[] = [];
  let end = (): void => {};
  const isOver = new Promise<void>((resolve) => (end = resolve));

  const lend = (asset: AssetRef): Promise<void> =>
    new Promise((resolve, reject) => {
      const loan = assets.withLocalFiles([asset], {
        signal,
        work: (pathOf) => {
          paths.set(asset.sha256, pathOf(asset));
          resolve();
          return isOver;
        },
      });
      loans.push(loan.catch(reject));
    });
  const bring = (asset: AssetRef): Promise<void> => {
    const known = asked.get(asset.sha256) ?? lend(asset);
    asked.set(asset.sha256, known);
    return known;
  };
  try {
    return await work({ bring, assetPath: ({ sha256 }) => paths.get(sha256) ?? '' });
  } finally {
    end();
    await Promise.all(loans);
  }
}
