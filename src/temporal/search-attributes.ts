import { setTimeout as sleep } from 'node:timers/promises';
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
  await untilUsable(connection, namespace);
}

/** A cluster takes about two seconds to spread a new attribute; until then it refuses whatever carries one. */
async function untilUsable(connection: Connection, namespace: string): Promise<void> {
  const query = Object.keys(searchAttributes)
    .map((name) => `${name} = 'none'`)
    .join(' AND ');
  for (const end = Date.now() + USABLE_WITHIN_MS; ; await sleep(250)) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

const USABLE_WITHIN_MS = 20_000;
