import type { Config } from '../../config.ts';
import { baseUrl } from './context.ts';

/** Where assets of this answer are found. */
export function assetUrls(
  req: Parameters<typeof baseUrl>[0],
  { config }: { config: Pick<Config, 'publicUrl'> },
): (sha256: string) => string {
  const base = baseUrl(req, config.publicUrl);
  return (sha256) => `${base}/api/v1/assets/${sha256}`;
}
