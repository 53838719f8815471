// Stands where a program of the stack will: says that it is ready, and starts a child of its own as a worker starts ffmpeg.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const [name, behaviour] = process.argv.slice(2);
if (behaviour === 'broken') {
  process.stderr.write(`${name}: a setting is missing\n`);
  process.exit(3);
}
const child = spawn('sleep', ['600']);
process.stderr.write(`${name} started ${child.pid}\n`);
process.on('SIGTERM', () => {
  if (behaviour === 'stubborn') return;
  process.stderr.write(`${name} ended in order\n`);
  process.exit(0);
});
const port = name === 'gateway' ? Number(process.env.GATEWAY_PORT) : 0;
createServer((_request, response) => response.end(name)).listen(port, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify(name === 'worker' ? { ready: true } : { listening: `port ${port}` })}\n`);
});
