// A reporter of node:test that writes the runner's own closing figures as one JSON line.
const COUNTED = /^(tests|pass|fail|cancelled|skipped|todo) (\d+)$/;

export default async function* countReporter(events) {
  const counts = {};
  for await (const { type, data } of events) {
    if (type !== 'test:diagnostic') continue;
    const [, name, figure] = COUNTED.exec(data.message) ?? [];
    if (name !== undefined) counts[name] = Number(figure);
  }
  yield `${JSON.stringify(counts)}\n`;
}
