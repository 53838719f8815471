import { DONE } from './exit-codes.ts';

/** `mcp-bridge openapi`: the contract, without a gateway; the address of one is therefore not in it. */
export async function openapi(): Promise<number> {
  // Only here: every schema of the API is loaded for it.
  const { openApiDocument } = await import('../api/openapi.ts');
  process.stdout.write(`${JSON.stringify(openApiDocument(), null, 2)}\n`);
  return DONE;
}
