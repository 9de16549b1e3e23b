import { type CompletedFlag, commandNames, completedCommands, GLOBAL_TAKING, OTHERS } from './completion-words.ts'

const takingCase = (command: string, { flag, takes }: CompletedFlag): string =>
  `    ${command === '' ? '*' : `"${command}`}${command === '' ? `" ${flag}"` : ` ${flag}"`}) ${takes === 'file' ? '_files' : takes === undefined ? ':' : `compadd -- ${takes.join(' ')}`}; return ;;`

export const zshScript = (): string => `#compdef expand-contract
_expand_contract() {
  local command="" at=2
  local -i args=0
  local -a ids
  # "--for=ver": what stands behind the sign is completed as if it were a word of its own.
  local flag=$words[CURRENT-1]
  if [[ $words[CURRENT] == --*=* ]]; then flag=\${words[CURRENT]%%=*}; compset -P '*='; fi
  while (( at < CURRENT )); do
    case $words[at] in
      -*=*) ;;
      -*) case "$command $words[at]" in
          ${[...completedCommands.flatMap(({ name, taking }) => taking.map(({ flag }) => `"${name} ${flag}"`)), ...GLOBAL_TAKING.map(({ flag }) => `*" ${flag}"`), '*" -c"'].join('|')}) (( at++ )) ;;
        esac ;;
      *) if [[ -z $command ]]; then command=$words[at]; else (( args++ )); fi ;;
    esac
    (( at++ ))
  done
  case "$command $flag" in
${[...completedCommands.flatMap(({ name, taking }) => taking.map((each) => takingCase(name, each))), ...GLOBAL_TAKING.map((each) => takingCase('', each)), '    *" -c") _files; return ;;'].join('\n')}
  esac
  if [[ -z $command ]]; then compadd -- ${commandNames.join(' ')}; return; fi
  case "$command:$PREFIX" in
${completedCommands.map(({ name, flags }) => `    ${name}:-*) compadd -- ${flags.join(' ')}; return ;;`).join('\n')}
${Object.entries(OTHERS)
  .map(([name, list]) => `    ${name}:*) compadd -- ${list.join(' ')}; return ;;`)
  .join('\n')}
    ${completedCommands
      .filter(({ takesId }) => takesId)
      .map(({ name }) => `${name}:*`)
      .join('|')})
      ids=(docs/migrations/*.md(N:t:r))
      (( args == 0 )) && compadd -a ids ;;
  esac
}
if [[ $funcstack[1] == _expand_contract ]]; then _expand_contract "$@"; else compdef _expand_contract expand-contract; fi
`
