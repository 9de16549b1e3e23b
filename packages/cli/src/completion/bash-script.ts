import { commandNames, completedCommands, GLOBAL_TAKING, OTHERS } from './completion-words.ts'

/** What a flag takes, by `case`: `wait\ --for) words="..." ;;`. */
const cases = (): readonly string[] => [
  ...completedCommands.flatMap(({ name, taking }) =>
    taking.map(({ flag, takes }) => `"${name} ${flag}") ${actionOf(takes)} ;;`),
  ),
  ...GLOBAL_TAKING.map(({ flag, takes }) => `*" ${flag}") ${actionOf(takes)} ;;`),
]

const actionOf = (takes: readonly string[] | 'file' | undefined): string =>
  takes === 'file' ? 'kind=file' : `kind=words words="${takes?.join(' ') ?? ''}"`

/**
 * `compgen -W` expands what it is given, commands in it included: it gets words of ours alone. Names of files may be anybody's, and are
 * compared as they are. Written for bash 3.2, which macOS has.
 */
export const bashScript = (): string => `_expand_contract() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flag="\${COMP_WORDS[COMP_CWORD-1]}" command="" args=0 at=1 kind="" words="" id takes_id=""
  # "--for=ver" is three words.
  if [ "$word" = = ]; then word=""; elif [ "$flag" = = ]; then flag="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[at]}" in
      =) ;;
      -*) case "$command \${COMP_WORDS[at]}" in
          ${[...completedCommands.flatMap(({ name, taking }) => taking.map(({ flag }) => `"${name} ${flag}"`)), ...GLOBAL_TAKING.map(({ flag }) => `*" ${flag}"`), '*" -c"'].join('|')})
            at=$((at + 1)); [ "\${COMP_WORDS[at]}" = = ] && at=$((at + 1)) ;;
        esac ;;
      *) if [ -z "$command" ]; then command="\${COMP_WORDS[at]}"; else args=$((args + 1)); fi ;;
    esac
    at=$((at + 1))
  done
  case "$command $flag" in
    ${[...cases(), '*" -c") kind=file ;;'].join('\n    ')}
  esac
  if [ -z "$kind" ]; then
    case "$command" in
      "") words="${commandNames.join(' ')}" ;;
${Object.entries(OTHERS)
  .map(([name, list]) => `      ${name}) words="${list.join(' ')}" ;;`)
  .join('\n')}
${completedCommands
  .map(({ name, takesId, flags }) => `      ${name}) words="${flags.join(' ')}"${takesId ? ' takes_id=1' : ''} ;;`)
  .join('\n')}
    esac
    case "$command:$word" in
      :-*) words="${GLOBAL_TAKING.map(({ flag }) => flag).join(' ')} --json --help --version" ;;
      ${completedCommands.map(({ name }) => `${name}:-*`).join('|')}) ;;
      ${completedCommands.map(({ name }) => `${name}:*`).join('|')}) words="" ;;
    esac
    [ "$args" -gt 0 ] || [ "\${word:0:1}" = - ] && takes_id=""
  fi
  COMPREPLY=()
  if [ "$kind" = file ]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r id; do COMPREPLY+=("$id"); done < <(compgen -f -- "$word")
    return
  fi
  while IFS= read -r id; do COMPREPLY+=("$id"); done < <(compgen -W "$words" -- "$word")
  [ -n "$takes_id" ] || return 0
  while IFS= read -r id; do
    case "$id" in "$word"*) COMPREPLY+=("$(printf %q "$id")") ;; esac
  done < <(ls docs/migrations 2>/dev/null | sed -n 's/\\.md$//p')
}
complete -F _expand_contract expand-contract
`
