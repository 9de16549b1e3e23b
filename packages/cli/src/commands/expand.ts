import { appendEvent, type Control, openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readAcknowledgement, runExpand } from '@expand-contract/runner'
import { choiceOption, durationOption } from '../command-option.ts'
import { checkDoctor } from '../doctor/check-doctor.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { hanging } from '../screens/layout.ts'
import { planScreen, planSql } from '../screens/plan-screen.ts'
import { VERSION } from '../version.ts'
import { withLease } from './operator-lease.ts'
import { parityPart } from './parity-part.ts'
import { planStages } from './plan.ts'
import { runnerProgress } from './runner-progress.ts'

export const expandCommand: CliCommand = {
  name: 'expand',
  usage: 'expand <id>',
  summary: 'adds the new column and the sync trigger in one transaction, and records the phase expand',
  options: [
    ['--dry-run', 'prints the SQL and changes nothing'],
    ['--lock-timeout <duration>', 'how long one try waits for a lock: 200ms'],
    ['--give-up-after <duration>', 'how long it tries in all: 30m'],
    ['--confirm <what>', 'publication or rewrite: known, and meant', ['publication', 'rewrite']],
    ['--override <hazards>', 'errors of doctor that are known, and meant: doctor:D11'],
    ['--reason <text>', 'why; recorded with --override'],
  ],
  examples: ['expand users.full_name', 'expand users.full_name --dry-run'],
  wayBack: 'expand-contract rollback <id>: the old column is left as it is, so nothing is lost',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const { client, facts } = database
    const choice = choiceOption(options, 'confirm', ['publication', 'rewrite'])
    const confirmed = choice === undefined ? [] : [choice]
    const stages = await planStages(context, database, migration, confirmed)
    if (options.dryRun === true)
      return { ending: 'done', migration: id, result: { stages }, text: planSql(stages), bare: true }
    const control = openControl(client, config)
    const actions = stages.flatMap(({ actions: planned, later }) => (later === true ? [] : planned))
    if (actions.length === 0)
      return {
        ...{ ending: 'done', migration: id, phase: 'expand', result: { actions: 0 } },
        text: `${id} is expanded already; nothing is missing.`,
        next: [{ command: `expand-contract backfill ${shellWord(id)}` }],
      }
    const { overridden, reason, told } = await checkDoctor(context, database, migration, { options, confirmed })
    context.output.note((screen) => planScreen({ migration, database: facts, stages, ending: '' }, screen))
    await context.confirm(id)
    const { who, io, stop } = context
    const lockTimeoutMs = durationOption(options, 'lockTimeout') ?? config.ddl.lockTimeoutMs
    const giveUpAfterMs = durationOption(options, 'giveUpAfter') ?? config.ddl.giveUpAfterMs
    const adding = stages.find(({ name }) => name === 'expand')?.actions ?? []
    const watched = {
      verb: 'Expand',
      migration,
      database: facts,
      actions: adding,
      lockTimeoutMs,
      giveUpAfterMs,
      doctor: told,
    }
    const watch = runnerProgress(context, watched)
    const leaseControl = openControl(await database.connect(), config)
    const started = performance.now()
    const done = await withLease(context, leaseControl, {
      migration: id,
      work: async (lease) => {
        const expanded = await runExpand(client, migration, {
          ...{ controlSchema: config.schema, operator: { who, host: io.host, version: VERSION }, lease },
          confirmed,
          ...{ lockTimeoutMs, giveUpAfterMs },
          ...{ signal: stop.signal, onEvent: watch.onEvent },
        })
        const filled = stages.some(({ name, later }) => name === 'parity' && later !== true)
        return { expanded, parity: filled ? await parityPart(context, database, { migration, lease }) : undefined }
      },
    })
    const ms = performance.now() - started
    const { tries, lockedMs } = watch.figures()
    const figures = {
      ...{ actions: done.expanded.length, tries, lockedMs: Math.round(lockedMs), ms: Math.round(ms) },
      ...(overridden.length > 0 && { overridden: overridden.join(','), reason }),
    }
    await appendEvent(control, { migration: id, kind: 'expanded', who, host: io.host, version: VERSION, figures })
    const acknowledged = await acknowledgedText(control, id)
    return {
      ...{ ending: 'done', migration: id, phase: 'expand', result: { ...figures, parity: done.parity?.result } },
      text: (screen) =>
        [
          `[ok] Expanded ${id} in ${durationText(ms)} (locks held for ${durationText(lockedMs)}, ${tries} ${tries === 1 ? 'try' : 'tries'}).`,
          `Applications write both columns and read the old one; the sync trigger keeps everybody else in step. ${acknowledged}`,
          ...(done.parity?.lines(screen) ?? []),
          `Way back:  expand-contract rollback ${shellWord(id)}`,
        ]
          .map((line) => hanging('', line, screen.width))
          .join('\n'),
      next: [{ command: `expand-contract backfill ${shellWord(id)}` }],
    }
  },
}

async function acknowledgedText(control: Control, id: string): Promise<string> {
  const { processes, missing } = await readAcknowledgement(control, id)
  if (processes.length === 0) return 'No process has joined the fleet.'
  return `${processes.length - missing.length} of ${processes.length} processes have acknowledged so far.`
}
