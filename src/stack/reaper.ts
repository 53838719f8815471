import { spawn } from 'node:child_process';

// Remembers groups from its standard input; when that ends without a word (we were killed), kills what it remembers.
const SCRIPT = `
groups=
while read -r word group; do
  case $word in
    add) groups="$groups $group" ;;
    drop) rest=; for g in $groups; do [ "$g" = "$group" ] || rest="$rest $g"; done; groups=$rest ;;
    end) exit 0 ;;
  esac
done
for g in $groups; do kill -s KILL -- "-$g" 2>/dev/null; done
`;

/** Outlives the supervisor for a moment, to kill what its programs had started themselves (an ffmpeg, say). */
export interface Reaper {
  readonly pid: number | undefined;
  add(group: number): void;
  drop(group: number): void;
  end(): Promise<void>;
}

export function startReaper(): Reaper {
  const child = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => {}); // it was killed: the stack runs on without it
  const say = (line: string) => void child.stdin.write(`${line}\n`);
  return {
    pid: child.pid,
    add: (group) => say(`add ${group}`),
    drop: (group) => say(`drop ${group}`),
    end: async () => {
      child.stdin.end('end\n');
      await exited;
    },
  };
}
