import { openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { readContractGates } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { Gate } from '../command.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { gatesScreen } from '../screens/gates-screen.ts'
import { hanging } from '../screens/layout.ts'
import { asGates } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'
import { figuresOf, finishStage, planOf, runStageCommand } from './run-stage-command.ts'
import { dryRunOf, notInPhase, overridden, overrideOf, recordOverride, refusedBy } from './stage-answers.ts'

const isOpen = ({ ok }: Gate): boolean => !ok

export const contractCommand: CliCommand = {
  name: 'contract',
  usage: 'contract <id>',
  summary: 'the new column counts from now on, and the old one follows; refused until every gate is met',
  options: [
    ['--dry-run', 'prints the SQL, with the gates as remarks, and changes nothing'],
    ['--override <gate>', 'skips a gate, on record: soak or dependents; both with a comma', ['soak', 'dependents']],
    ['--reason <text>', 'why; recorded with --override'],
  ],
  examples: ['contract users.full_name --dry-run', 'contract users.full_name'],
  wayBack: 'expand-contract rollback <id>: nothing is lost, the old column was kept in step',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const override = overrideOf(options)
    const config = await context.config()
    await using database = await context.database(id)
    await loadParser()
    const control = openControl(database.client, config)
    const record = await recordOf(control, id)
    const { phase } = record
    const { who, io } = context
    const dry = options.dryRun === true
    if (phase !== 'switch') {
      if (phase === 'contract' && !dry) await finishStage(context, database, { migration, stage: 'contract', record })
      return notInPhase(id, phase, 'switch')
    }
    const operator = dry ? undefined : { who, host: io.host, version: VERSION }
    const facts = { control, client: database.client, migration }
    const read = async () =>
      overridden(asGates(await readContractGates(facts, { wantedMs: config.soakMs, operator })), override)
    const gates = await read()
    const refused = (open: readonly Gate[]) =>
      refusedBy({
        ...{ id, phase, gates: open, to: 'contract' },
        meanwhile: 'applications write both columns, and the flag decides what is read. Waiting costs nothing.',
      })
    if (dry) {
      const actions = await planOf(context, database, { migration, stage: 'contract', record })
      return dryRunOf('contract', { id, phase, gates }, actions)
    }
    if (gates.some(isOpen)) return refused(gates)
    const actions = await planOf(context, database, { migration, stage: 'contract', record })
    context.output.note((screen) => gatesScreen({ gates, to: 'contract' }, screen))
    await context.confirm(id)
    await recordOverride(context, control, { id, gates, override })
    const run = await runStageCommand(context, database, {
      ...{ migration, stage: 'contract', record, actions, verb: 'Contract', waitMs: 900_000 },
      gates: { read, isOpen },
    })
    if (run.closed !== undefined) return refused(run.closed)
    return {
      ...{ ending: 'done', migration: id, phase: 'contract', gates },
      result: figuresOf(run),
      text: ({ width }) =>
        [
          hanging(
            '',
            `[ok] Contracted ${id} in ${durationText(run.ms)} (lock held ${durationText(run.lockedMs)}). The new column counts: applications read and write it alone within a second, and the old one is kept in step for everybody else.`,
            width,
          ),
          hanging('Way back:  ', `expand-contract rollback ${shellWord(id)}: nothing is lost`, width),
        ].join('\n'),
      next: [{ command: `expand-contract hold ${shellWord(id)}`, why: 'sets the old column aside' }],
    }
  },
}
