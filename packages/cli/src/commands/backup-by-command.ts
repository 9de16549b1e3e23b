import type { Control } from '@expand-contract/control'
import { type Phase, shellWord } from '@expand-contract/core'
import { type BackupPlan, type RowFormat, type TakeOwnBackup, takeOwnBackup } from '@expand-contract/runner'
import type pg from 'pg'
import { makeOperatorBackup, OPERATOR_VARIABLES, operatorRows } from '../backup/operator-backup.ts'
import { cliError } from '../cli-error.ts'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, durationOption, textOption } from '../command-option.ts'
import { operatorBackupScreen, operatorLinesScreen } from '../screens/operator-backup-screen.ts'
import { withLease } from './operator-lease.ts'

export interface OperatorLines {
  readonly command: string
  readonly restore: string
  readonly format: RowFormat
  readonly timeoutMs: number | undefined
}

/** The commands of the operator, where he has given some. @throws EC_USAGE */
export function operatorLines(options: Readonly<Record<string, unknown>>): OperatorLines | undefined {
  const [command, restore] = [textOption(options, 'command'), textOption(options, 'restoreCommand')]
  const [format, timeoutMs] = [choiceOption(options, 'format', ['text', 'csv']), durationOption(options, 'timeout')]
  if (command === undefined && restore === undefined) {
    if (format === undefined && timeoutMs === undefined) return undefined
    throw cliError('EC_USAGE', {
      message: '--format and --timeout go with --command.',
      hint: 'Leave them out, or name it.',
    })
  }
  const alone = ['out', 'check'].find((name) => options[name] !== undefined)
  if (alone !== undefined)
    throw cliError('EC_USAGE', {
      message: `--${alone} is of the file that this program writes, and does not go with --command.`,
      hint: 'Let your command write where it should.',
    })
  if (command === undefined || restore === undefined || command.trim() === '' || restore.trim() === '')
    throw cliError('EC_USAGE', {
      message:
        '--command and --restore-command go together: a backup counts only once its rows were given back and compared.',
      hint: 'Give both; `backup <id> --dry-run` with them shows what they are told.',
    })
  return { command, restore, format: format ?? 'text', timeoutMs }
}

interface Stage {
  readonly id: string
  readonly phase: Phase
  readonly lines: OperatorLines
}

export const operatorDryRun = ({ id, phase, plan, lines }: Stage & { readonly plan: BackupPlan }): CommandResult => ({
  ...{ ending: 'done', migration: id, phase },
  result: { table: plan.table, key: plan.key, dryRun: true, variables: Object.keys(OPERATOR_VARIABLES) },
  text: (options) =>
    [
      operatorLinesScreen({ id, lines, asks: false }, options),
      '',
      'They are told, beside PGHOST, PGPORT, PGUSER, PGDATABASE and, where it is known, PGPASSWORD:',
      ...Object.entries(OPERATOR_VARIABLES).map(([name, what]) => `  ${name.padEnd(27)}${what}`),
      '',
      'Nothing was run.',
    ].join('\n'),
  next: [{ command: `expand-contract backup ${shellWord(id)} ${flagsOf(lines)} --yes` }],
})

const flagsOf = ({ command, restore, format, timeoutMs }: OperatorLines): string =>
  [
    ...['--command', shellWord(command), '--restore-command', shellWord(restore)],
    ...(format === 'text' ? [] : ['--format', format]),
    ...(timeoutMs === undefined ? [] : ['--timeout', `${timeoutMs}ms`]),
  ].join(' ')

/** Shows the commands, asks, runs them, and compares what comes back. */
export async function operatorBackup(
  context: CommandContext,
  {
    id,
    phase,
    lines,
    control,
    client,
    ...common
  }: Stage &
    Pick<TakeOwnBackup, 'migration' | 'copy' | 'schema' | 'operator' | 'signal'> & {
      readonly control: Control
      readonly client: pg.Client
    },
): Promise<CommandResult> {
  const { output, stop } = context
  output.note((options) => operatorLinesScreen({ id, lines, asks: true }, options))
  await context.confirm(id, flagsOf(lines))
  const given = { client, ...lines }
  try {
    const taken = await withLease(context, control, {
      migration: id,
      work: () =>
        takeOwnBackup({
          ...{ ...common, client },
          own: {
            ...operatorRows(context, given),
            make: (request) => makeOperatorBackup(context, given, request),
            format: lines.format,
            evidence: `by --restore-command ${output.redacted(lines.restore)}`,
          },
          onStep: (step) =>
            output.progress({
              json: { type: 'step', migration: id, step },
              block: `Backup ${id}: ${STEPS[step]}`,
              line: `backup ${id} ${step}`,
            }),
        }),
    })
    const { record, comparison, rows, bytes, faults, makeMs, restoreMs, compareMs, key } = taken
    const equal = record.equal === true
    return {
      ...{ ending: equal ? 'done' : 'found', migration: id, phase },
      result: {
        ...{ ...comparison, kind: 'command', rows, bytes, faults, equal, sha256: record.sha256 },
        ...{ makeMs, restoreMs, compareMs: Math.round(compareMs) },
      },
      text: operatorBackupScreen({ id, taken, key }),
      next: equal
        ? [
            {
              command: `expand-contract wait ${shellWord(id)} --for droppable --timeout 4d`,
              why: 'keep both commands: restore asks for the second',
            },
          ]
        : [
            {
              command: `expand-contract backup ${shellWord(id)} --dry-run`,
              why: 'its rows are not those of the table',
            },
          ],
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    return {
      ...{ ending: 'done', migration: id, phase, result: { stopped: true } },
      text: 'Stopped. The command was ended, and nothing is recorded. What it has written so far is where it wrote it.',
      next: [{ command: `expand-contract backup ${shellWord(id)} --dry-run` }],
    }
  }
}

const STEPS = {
  make: 'your command makes it',
  restore: 'your command gives its rows back',
  compare: 'comparing every row',
} as const
