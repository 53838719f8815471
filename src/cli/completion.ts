import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Known {
  /** The words that lead here, such as `draft relocate`; empty for the program itself. */
  path: string;
  words: { word: string; description: string }[];
}

/** A script for the shell that knows every command and option there is: a TAB starts no process of ours. */
export function completionScript(program: Command, shell: Shell): string {
  const known = commandsBelow(program, []);
  switch (shell) {
    case 'bash':
      return bash(known);
    case 'zsh':
      // zsh runs bash's completions; its own would say the same twice.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(known)}`;
    case 'fish':
      return fish(known);
  }
}

function commandsBelow(command: Command, path: string[]): Known[] {
  const below = command.commands.filter((each) => each.name() !== 'help');
  const words = [
    ...below.map((each) => ({ word: each.name(), description: each.description() })),
    ...command.options.flatMap(optionWords),
    { word: '--help', description: 'what there is' },
  ];
  return [{ path: path.join(' '), words }, ...below.flatMap((each) => commandsBelow(each, [...path, each.name()]))];
}

const optionWords = ({ long, description, argChoices }: Option): Known['words'] => [
  ...(long == null ? [] : [{ word: long, description }]),
  ...(argChoices ?? []).map((word) => ({ word, description })),
];

function bash(known: Known[]): string {
  const cases = known.map(
    ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
  );
  const paths = known.map(({ path }) => quoted(path)).join('|');
  return `_mcp_bridge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case "$word" in ${paths}) path="$word" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in --out|--from|--to|--request) COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _mcp_bridge mcp-bridge
`;
}

function fish(known: Known[]): string {
  const lines = known.flatMap(({ path, words }) => {
    const parts = path === '' ? [] : path.split(' ');
    const below = known.filter((other) => other.path.startsWith(path === '' ? '' : `${path} `) && other.path !== path);
    const notBelow = below.map((other) => other.path.split(' ')[parts.length]).filter((word) => word !== undefined);
    const tests = [
      ...parts.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(notBelow.length === 0 ? [] : [`not __fish_seen_subcommand_from ${[...new Set(notBelow)].join(' ')}`]),
    ];
    const when = tests.length === 0 ? '' : ` -n ${quoted(tests.join('; and '))}`;
    return words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c mcp-bridge${when} ${what} -d ${quoted(description)}`;
    });
  });
  return `${lines.join('\n')}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
