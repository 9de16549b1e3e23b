import { cliError } from './cli-error.ts'
import { commands } from './commands/commands.ts'

/** Ids are completed from the runbooks of the working directory, so that no configuration is loaded for a keystroke. */
const IDS = "ls docs/migrations 2>/dev/null | sed -n 's/\\.md$//p'"

const names = (): string => [...commands.map(({ name }) => name), 'completion', 'help'].join(' ')

const SHELLS: Readonly<Record<string, () => string>> = {
  bash: () => `_expand_contract() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names()}" -- "$word"))
  else COMPREPLY=($(compgen -W "$(${IDS})" -- "$word")); fi
}
complete -F _expand_contract expand-contract
`,
  zsh: () => `#compdef expand-contract
_expand_contract() {
  if (( CURRENT == 2 )); then compadd ${names()}
  else compadd $(${IDS}); fi
}
compdef _expand_contract expand-contract
`,
  fish: () => `complete -c expand-contract -f -n '__fish_use_subcommand' -a '${names()}'
complete -c expand-contract -f -n 'not __fish_use_subcommand' -a "(${IDS.replaceAll('$', '\\$')})"
`,
  powershell: () => `Register-ArgumentCompleter -Native -CommandName expand-contract -ScriptBlock {
  param($word, $ast)
  $names = if ($ast.CommandElements.Count -le 2) { '${names()}' -split ' ' }
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
