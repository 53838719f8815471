import type { StackEvent } from '../stack/events.ts';
import type { Stack } from '../stack/stack.ts';

/** What happened in a stack, as a line for people. */
export function eventInWords(event: StackEvent): string {
  switch (event.type) {
    case 'note':
      return event.message;
    case 'program-ready':
      return `${event.name} is ready (${(event.tookMs / 1000).toFixed(1)} s)`;
    case 'program-exited':
      return `${event.name} has ended (${event.signal ?? `exit code ${event.code ?? 'unknown'}`})`;
    case 'program-restarting':
      return `${event.name} is started again in ${event.delayMs / 1000} s`;
    default:
      return event satisfies never;
  }
}

export function urlsInWords({ urls, dataDir, env }: Stack): string[] {
  return [
    `  API              ${urls.gateway}  (documentation: ${urls.gateway}/docs)`,
    `  MCP server       ${urls.mcp}`,
    `  Temporal Web UI  ${urls.temporalUi}`,
    `  Temporal         ${urls.temporal}  (CLI: ${env['TEMPORAL_CLI_PATH'] ?? 'temporal'})`,
    `  Metrics          ${urls.gateway}/metrics, worker: ${urls.metrics}`,
    ...(urls.sandbox === null ? [] : [`  Sandbox          ${urls.sandbox}`]),
    `  Data and logs    ${dataDir}`,
  ];
}

/** Said before anything is made, so that nobody takes the sandbox's pictures for a model's. */
export const SANDBOX_NOTICE =
  'No ARK_API_KEY is set: script, pictures and voice come from the local sandbox, not from Doubao. Set the keys for real ones.';
