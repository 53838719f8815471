/** Every port of a stack, for tests to have it choose free ones. */
export const FREE_PORTS = [
  'GATEWAY_PORT',
  'MCP_SERVER_PORT',
  'METRICS_PORT',
  'TEMPORAL_PORT',
  'TEMPORAL_UI_PORT',
  'SANDBOX_PORT',
];
