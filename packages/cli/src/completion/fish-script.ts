import { type CompletedFlag, commandNames, completedCommands, GLOBAL_TAKING, OTHERS } from './completion-words.ts'

/** In double quotes, in which a dollar and a backslash are escaped. */
const IDS = "(ls docs/migrations 2>/dev/null | string replace -rf '\\\\.md\\$' '')"

const taking = ({ takes }: CompletedFlag): string =>
  takes === 'file' ? ' -r -F' : ` -x${takes === undefined ? '' : ` -a '${takes.join(' ')}'`}`

const line = (condition: string, rest: string): string => `complete -c expand-contract -n '${condition}' ${rest}`

export const fishScript = (): string =>
  `${[
    'complete -c expand-contract -f',
    line('__fish_use_subcommand', `-a '${commandNames.join(' ')}'`),
    ...Object.entries(OTHERS).map(([name, list]) =>
      line(`__fish_seen_subcommand_from ${name}`, `-a '${list.join(' ')}'`),
    ),
    line(
      `__fish_seen_subcommand_from ${completedCommands
        .filter(({ takesId }) => takesId)
        .map(({ name }) => name)
        .join(' ')}`,
      `-a "${IDS}"`,
    ),
    ...completedCommands.flatMap(({ name, flags, taking: own }) =>
      flags.map((flag) => {
        const takes = [...own, ...GLOBAL_TAKING].find((each) => each.flag === flag)
        return line(
          `__fish_seen_subcommand_from ${name}`,
          `-l ${flag.slice(2)}${takes === undefined ? '' : taking(takes)}`,
        )
      }),
    ),
  ].join('\n')}\n`
