import { setTimeout as sleep } from 'node:timers/promises';
import { McpConnection } from '../../src/providers/mcp/connection.ts';
import { diesWithParent } from '../../src/tools/dies-with-parent.ts';
import { stdioChannel } from './doubao-mcp.ts';

// A worker that has an MCP child: tells its pid, then waits to be killed.
const channel = stdioChannel(process.argv[2] ?? '');
const launcher = await diesWithParent();
const connection = new McpConnection({
  ...{
    channel,
    launcher,
    provider: 'doubao-mcp',
    connectTimeoutMs: 30_000,
    longestAnswerMs: 30_000,
    maxConnections: 1,
  },
  note: () => {},
});
await connection.call('get_video_task', { task_id: 'none' }, { timeoutMs: 30_000 });
process.stdout.write(`${connection.children[0]}\n`);
await sleep(600_000);
