import type { ChannelSettings, FallbackStrategies } from '../domain/config-files.ts';
import { CHANNELS, serviceOf, type Service } from '../domain/service.ts';

interface Settings {
  channels: ChannelSettings;
  errorHandling: { fallback_strategies: FallbackStrategies };
}

/** What more than one channel leads to, as it is configured: there a broken channel says nothing against the service. */
export function servicesWithSeveralWays({ channels, errorHandling }: Settings): Service[] {
  const { asset_generation: assets, project_creation: drafts } = errorHandling.fallback_strategies;
  const { mcp, mcp_serves } = channels.doubao;
  const isChosenFrom = new Set([assets.primary, ...assets.fallback]).size > 1;
  const draftServers = CHANNELS.filter((channel) => [drafts.primary, ...drafts.fallback].includes(channel));
  const { capcut } = channels;
  return [
    ...(mcp !== null && isChosenFrom ? mcp_serves.map(serviceOf) : []),
    ...(capcut.mcp !== null && capcut.http !== null && draftServers.length > 1 ? (['capcut_render'] as const) : []),
  ];
}
