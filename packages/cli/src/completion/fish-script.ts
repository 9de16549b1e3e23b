import { type CompletedFlag, commandNames, completedCommands, GLOBAL_TAKING, OTHERS } from './completion-words.ts'

/** In double quotes, in which a dollar and a backslash are escaped. */
const IDS = "(ls docs/migrations 2>/dev/null | string replace -rf '\\\\.md\\$' '')"

const taking = ({ takes }: CompletedFlag): string =>
  takes === 'file' ? ' -r -F' : ` -x${takes === undefined ? '' : ` -a '${takes.join(' ')}'`}`

const line = (condition: string, rest: string): string => `complete -c expand-contract -n '${condition}' ${rest}`

const flagsOf = (flags: readonly CompletedFlag[]): string => flags.map(({ flag }) => flag).join(' ')

/**
 * The words ahead of the one that is completed: the command, and what is no flag and belongs to none. fish's own `__fish_use_subcommand` and
 * `__fish_seen_subcommand_from` know no flags that take something: the address of `--url` is a command to them, and each word of the line is one.
 */
const FUNCTIONS = `function __expand_contract_words
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ''
    set -l skip 0
    for word in $words
        if test $skip -eq 1
            set skip 0
        else if string match -q -- '-*' $word
            set -l taking -c ${flagsOf(GLOBAL_TAKING)}
            switch $command
${completedCommands
  .filter((command) => command.taking.length > 0)
  .map(
    (command) => `                case ${command.name}\n                    set -a taking ${flagsOf(command.taking)}`,
  )
  .join('\n')}
            end
            contains -- $word $taking; and set skip 1
        else
            test -z "$command"; and set command $word
            echo $word
        end
    end
end
function __expand_contract_none
    test (count (__expand_contract_words)) -eq 0
end
function __expand_contract_in
    set -l words (__expand_contract_words)
    test (count $words) -gt 0; and contains -- "$words[1]" $argv
end
function __expand_contract_alone
    test (count (__expand_contract_words)) -eq 1; and __expand_contract_in $argv
end`

export const fishScript = (): string =>
  `${[
    FUNCTIONS,
    'complete -c expand-contract -f',
    line('__expand_contract_none', `-a '${commandNames.join(' ')}'`),
    ...Object.entries(OTHERS).map(([name, list]) => line(`__expand_contract_alone ${name}`, `-a '${list.join(' ')}'`)),
    line(
      `__expand_contract_alone ${completedCommands
        .filter(({ takesId }) => takesId)
        .map(({ name }) => name)
        .join(' ')}`,
      `-a "${IDS}"`,
    ),
    ...GLOBAL_TAKING.map((each) => line('__expand_contract_none', `-l ${each.flag.slice(2)}${taking(each)}`)),
    ...['json', 'help', 'version'].map((flag) => line('__expand_contract_none', `-l ${flag}`)),
    line('true', '-s c -r -F'),
    ...completedCommands.flatMap(({ name, flags, taking: own }) =>
      flags.map((flag) => {
        const takes = [...own, ...GLOBAL_TAKING].find((each) => each.flag === flag)
        return line(`__expand_contract_in ${name}`, `-l ${flag.slice(2)}${takes === undefined ? '' : taking(takes)}`)
      }),
    ),
  ].join('\n')}\n`
