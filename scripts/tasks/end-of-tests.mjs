// Loaded into every test file's process: one whose tests are over and which lives on (a `before` that failed half way, a
// child that nobody ended) fails soon and says what keeps it, instead of holding its place until the file's time is up.
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

const LIVES_ON_MS = 60_000;

// Threads of a test are loaded with it, too.
if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined)
  after(() => {
    setTimeout(() => {
      console.error(
        `The tests of ${process.argv[1]} are over, and something runs on:`,
        process.getActiveResourcesInfo(),
      );
      process.exit(1);
    }, LIVES_ON_MS).unref();
  });
