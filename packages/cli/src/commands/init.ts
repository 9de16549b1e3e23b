import { checkControl, controlSql, installControl, openControl } from '@expand-contract/control'
import { quoteIdentifier } from '@expand-contract/core'
import { textOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'

export const initCommand: CliCommand = {
  name: 'init',
  usage: 'init',
  summary: 'installs the control schema, in which phases, the timeline and the fleet are recorded',
  options: [
    ['--schema <name>', 'another name than expand_contract'],
    ['--dry-run', 'prints the SQL and changes nothing'],
  ],
  examples: ['init', 'init --dry-run > control.sql'],
  wayBack: 'drop schema expand_contract cascade, while no migration is under way',
  async run(context, _args, options) {
    const config = await context.config()
    const schema = textOption(options, 'schema') ?? config.schema
    if (options.dryRun === true) {
      const sql = controlSql({ schema })
      return { ending: 'done', result: { sql }, text: sql, bare: true }
    }
    await using database = await context.database()
    const { facts, client } = database
    await context.confirm()
    const { version, installed } = await installControl(client, { schema })
    await checkControl(openControl(client, { schema }))
    const where = `${quoteIdentifier(schema)} in ${facts.name} at ${facts.host}`
    return {
      ending: 'done',
      result: { schema, version, installed },
      text:
        installed.length === 0
          ? `The control schema ${where} is there already, version ${version}.`
          : `Installed the control schema ${where}, version ${version}.`,
      next: [{ command: 'expand-contract status', why: 'what is declared, and where it stands' }],
    }
  },
}
