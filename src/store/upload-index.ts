/** What users have brought. Kept until they say otherwise, and counted. */
export interface Upload {
  tenant: string;
  sha256: string;
  sizeBytes: number;
}

/** Which assets are somebody's uploads. The same for every gateway of a deployment. */
export interface UploadIndex {
  /** False when it was there already. */
  add(upload: Upload): Promise<boolean>;
  /** False when there was none. The bytes stay with the asset store until they are pruned. */
  remove(of: { tenant: string; sha256: string }): Promise<boolean>;
  /** One tenant's, or everybody's. */
  list(tenant?: string): AsyncIterable<Upload & { addedAt: Date }>;
}

/** An upload is an empty marker whose name says all, so that counting needs no more than a list. */
export function markerOf({ tenant, sha256, sizeBytes }: Upload): string {
  return `${tenantFolder(tenant)}${sha256}.${sizeBytes}`;
}

export function tenantFolder(tenant: string): string {
  if (!/^[\w-]{1,64}$/.test(tenant)) throw new Error('a tenant whose name cannot be part of a key');
  return `${tenant}/`;
}

/** Null for what is no marker. */
export function uploadFrom(marker: string): Upload | null {
  const [, tenant, sha256, size] = /^([\w-]+)\/([0-9a-f]{64})\.(\d+)$/.exec(marker) ?? [];
  if (tenant === undefined || sha256 === undefined) return null;
  return { tenant, sha256, sizeBytes: Number(size) };
}
