import { cliError } from './cli-error.ts'
import { commands } from './commands/commands.ts'

/** Ids are completed from the runbooks of the working directory, so that no configuration is loaded for a keystroke. */
const IDS = "ls docs/migrations 2>/dev/null | sed -n 's/\\.md$//p'"

const names = (): string => [...commands.map(({ name }) => name), 'completion', 'help'].join(' ')

/** The long flags of each command. */
const flags = (): readonly (readonly [string, string])[] =>
  commands.map(({ name, options = [] }) => [
    name,
    [...options.map(([given]) => /--[\w-]+/u.exec(given)?.[0] ?? ''), '--json', '--yes', '--help'].join(' '),
  ])

const SHELLS: Readonly<Record<string, () => string>> = {
  bash: () => `_expand_contract() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flags=""
  case "\${COMP_WORDS[1]}" in
${flags()
  .map(([name, list]) => `    ${name}) flags="${list}" ;;`)
  .join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names()}" -- "$word"))
  elif [ "\${word:0:1}" = - ]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else COMPREPLY=($(compgen -W "$(${IDS})" -- "$word")); fi
}
complete -F _expand_contract expand-contract
`,
  zsh: () => `#compdef expand-contract
_expand_contract() {
  local -A flags=(
${flags()
  .map(([name, list]) => `    ${name} "${list}"`)
  .join('\n')}
  )
  if (( CURRENT == 2 )); then compadd ${names()}
  elif [[ $words[CURRENT] == -* ]]; then compadd -- \${=flags[$words[2]]}
  else compadd $(${IDS}); fi
}
compdef _expand_contract expand-contract
`,
  fish: () => `complete -c expand-contract -f -n '__fish_use_subcommand' -a '${names()}'
complete -c expand-contract -f -n 'not __fish_use_subcommand' -a "(${IDS.replaceAll('$', '\\$')})"
${flags()
  .flatMap(([name, list]) =>
    list
      .split(' ')
      .map((flag) => `complete -c expand-contract -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
  )
  .join('\n')}
`,
  powershell: () => `Register-ArgumentCompleter -Native -CommandName expand-contract -ScriptBlock {
  param($word, $ast)
  $flags = @{ ${flags()
    .map(([name, list]) => `'${name}' = '${list}'`)
    .join('; ')} }
  $names = if ($ast.CommandElements.Count -le 2 -and -not ($ast.CommandElements.Count -eq 2 -and $word -eq '')) { '${names()}' -split ' ' }
    elseif ($word.StartsWith('-')) { $flags["$($ast.CommandElements[1])"] -split ' ' }
    else { Get-ChildItem docs/migrations/*.md -ErrorAction SilentlyContinue | ForEach-Object { $_.BaseName } }
  $names | Where-Object { $_ -like "$word*" }
}
`,
}

/** @throws EC_USAGE */
export function completionScript(shell: string): string {
  const script = SHELLS[shell]
  if (script !== undefined) return script()
  throw cliError('EC_USAGE', {
    message: `There is no completion for ${JSON.stringify(shell)}.`,
    hint: `There is for ${Object.keys(SHELLS).join(', ')}.`,
  })
}
