import { type CompletedFlag, commandNames, completedCommands, GLOBAL_TAKING, OTHERS } from './completion-words.ts'

const quoted = (words: readonly string[]): string => `'${words.join(' ')}'`

const entry = (command: string, { flag, takes }: CompletedFlag): string =>
  `'${`${command} ${flag}`.trim()}' = ${takes === 'file' ? "'<file>'" : quoted(takes ?? [])}`

export const powershellScript =
  (): string => `Register-ArgumentCompleter -Native -CommandName expand-contract -ScriptBlock {
  param($word, $ast)
  $flags = @{ ${completedCommands.map(({ name, flags }) => `'${name}' = ${quoted(flags)}`).join('; ')} }
  $takes = @{ ${[...completedCommands.flatMap(({ name, taking }) => taking.map((each) => entry(name, each))), ...GLOBAL_TAKING.map((each) => entry('', each))].join('; ')} }
  $others = @{ ${Object.entries(OTHERS)
    .map(([name, list]) => `'${name}' = ${quoted(list)}`)
    .join('; ')} }
  $ids = @(${completedCommands
    .filter(({ takesId }) => takesId)
    .map(({ name }) => `'${name}'`)
    .join(', ')})
  $given = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -ne '' -and $given.Count -gt 0) { $given = @($given | Select-Object -SkipLast 1) }
  $command = ''; $args_ = 0; $flag = ''
  foreach ($each in $given) {
    if ($flag -ne '' -and ($takes.ContainsKey("$command $flag") -or $takes.ContainsKey($flag))) { $flag = ''; continue }
    $flag = ''
    if ($each.StartsWith('-')) { $flag = $each } elseif ($command -eq '') { $command = $each } else { $args_++ }
  }
  $key = if ($takes.ContainsKey("$command $flag")) { "$command $flag" } elseif ($flag -ne '' -and $takes.ContainsKey($flag)) { $flag } else { '' }
  $names = if ($key -ne '' -and $takes[$key] -eq '<file>') { Get-ChildItem -Path "$word*" -Name -ErrorAction SilentlyContinue }
    elseif ($key -ne '') { $takes[$key] -split ' ' }
    elseif ($command -eq '') { ${quoted(commandNames)} -split ' ' }
    elseif ($word.StartsWith('-')) { $flags[$command] -split ' ' }
    elseif ($others.ContainsKey($command)) { $others[$command] -split ' ' }
    elseif ($ids -contains $command -and $args_ -eq 0) { Get-ChildItem docs/migrations/*.md -ErrorAction SilentlyContinue | ForEach-Object { $_.BaseName } }
  $names | Where-Object { $_ -ne '' -and $_.StartsWith($word) }
}
`
