import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Few and typed. Nothing a person wrote. */
export const searchAttributes = {
  tenant: defineSearchAttributeKey('tenant', SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey('status', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('stage', SearchAttributeType.KEYWORD),
  assetType: defineSearchAttributeKey('assetType', SearchAttributeType.KEYWORD),
};

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD

/** Registers what is missing, so that a fresh cluster needs no step by hand. Safe to repeat. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(searchAttributes).filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
}
