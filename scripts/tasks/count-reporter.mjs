// A reporter of node:test that writes the runner's own closing figures, and the time of each file, as one JSON line.
const COUNTED = /^(tests|pass|fail|cancelled|skipped|todo) (\d+)$/;

export default async function* countReporter(events) {
  const counts = {};
  const msByFile = {};
  for await (const { type, data } of events) {
    if (type === 'test:diagnostic') {
      const [, name, figure] = COUNTED.exec(data.message) ?? [];
      if (name !== undefined) counts[name] = Number(figure);
    } else if ((type === 'test:pass' || type === 'test:fail') && data.nesting === 0 && data.file !== undefined) {
      msByFile[data.file] = (msByFile[data.file] ?? 0) + data.details.duration_ms;
    }
  }
  yield `${JSON.stringify({ ...counts, msByFile })}\n`;
}
