import { appendEvent, openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { type RepairableClass, repair } from '@expand-contract/runner'
import { choiceOption } from '../command-option.ts'
import { countText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'
import { withLease } from './operator-lease.ts'
import { runDdl } from './run-ddl.ts'

const CLASSES = ['new_missing', 'new_orphan', 'differs', 'way_back'] as const satisfies readonly RepairableClass[]

export const repairCommand: CliCommand = {
  name: 'repair',
  usage: 'repair <id>',
  summary: 'puts rows in step that differ; the authoritative column counts: the old one up to switch',
  options: [
    ['--dry-run', 'counts the rows that would be written, and writes none'],
    ['--class <class>', `rows of one class alone: ${CLASSES.join(', ')}`, CLASSES],
  ],
  examples: ['repair users.full_name --dry-run', 'repair users.full_name --yes'],
  wayBack: 'none: what the column that follows had in these rows is written over; verify shows their keys before',
  async run(context, [id = ''], options) {
    const only = choiceOption(options, 'class', CLASSES)
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const { client } = database
    await recordOf(openControl(client, config), id)
    const { who, io, stop, output } = context
    const common = {
      ...{ migration, client, schema: config.schema, signal: stop.signal, class: only },
      operator: { who, host: io.host, version: VERSION },
      ddl: runDdl(client, config, { name: 'repair', migration: id }),
    }
    const found = await repair({ ...common, dryRun: true })
    if (options.dryRun === true || found.rows === 0)
      return {
        ...{ ending: 'done', migration: id, phase: found.phase, result: { ...found, dryRun: true } },
        text:
          found.rows === 0
            ? found.failed === 0
              ? `[ok] No row of ${id} differs${only === undefined ? '' : `, of the class ${only}`}.`
              : `${countText(found.failed)} rows of ${id} have no value that fits; verify names them. No other row differs.`
            : `${countText(found.rows)} rows of ${id} would be written, as the ${found.phase === 'contract' ? 'new' : 'old'} column says.`,
        next: [{ command: `expand-contract ${found.rows === 0 ? 'verify' : 'repair'} ${shellWord(id)}` }],
      }
    await context.confirm(id)
    const started = performance.now()
    const done = await withLease(context, openControl(await database.connect(), config), {
      migration: id,
      work: (lease) =>
        repair({
          ...{ ...common, lease },
          onProgress: (blocksDone, blocks, rows) =>
            output.progress({
              json: { type: 'progress', migration: id, blocks: [blocksDone, blocks], rows },
              block: `Repair ${id}: block ${countText(blocksDone)} of ${countText(blocks)}, ${countText(rows)} rows written`,
              line: `repair ${id} blocks=${blocksDone}/${blocks} rows=${rows}`,
            }),
        }),
    })
    await appendEvent(openControl(client, config), {
      ...{ migration: id, kind: 'repaired', ...common.operator },
      figures: { rows: done.rows, failed: done.failed, ms: Math.round(performance.now() - started), class: only },
    })
    const left = done.failed === 0 ? '' : ` ${countText(done.failed)} rows have no value that fits; verify names them.`
    return {
      ...{ ending: 'done', migration: id, phase: done.phase, result: { ...done, dryRun: false } },
      text: `[ok] ${countText(done.rows)} rows of ${id} are in step again.${left} A new epoch has begun.`,
      next: [{ command: `expand-contract verify ${shellWord(id)}` }],
    }
  },
}
