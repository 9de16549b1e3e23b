import { openControl, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { expand, readFacts } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import type { CliCommand } from '../run-command.ts'
import { type PlannedStage, planScreen, planSql } from '../screens/plan-screen.ts'

export const planCommand: CliCommand = {
  name: 'plan',
  usage: 'plan <id>',
  summary: 'what expand would do now, with the locks it takes; changes nothing',
  options: [
    ['--sql', 'as a script that psql runs'],
    ['--exit-code', 'ends with 4 where something is to be done'],
  ],
  examples: ['plan users.full_name', 'plan users.full_name --sql > expand.sql'],
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    await using database = await context.database(id)
    const stages = await planStages(context, database, migration)
    const pending = stages.some(({ actions }) => actions.length > 0)
    return {
      ending: options.exitCode === true && pending ? 'found' : 'done',
      migration: id,
      result: { stages },
      text: options.sql === true ? planSql(stages) : planScreen(migration, database.facts, stages),
      next: options.sql === true ? [] : [{ command: `expand-contract expand ${id}` }],
    }
  },
}

/** @throws what expand refuses */
export async function planStages(
  context: CommandContext,
  { client }: OpenDatabase,
  migration: Migration,
): Promise<readonly PlannedStage[]> {
  await loadParser()
  const { schema } = await context.config()
  const facts = await readFacts(client, migration, { controlSchema: schema })
  const record = facts.control.exists ? await readMigration(openControl(client, { schema }), migration.id) : undefined
  return [{ name: 'expand', actions: expand.plan(migration, facts, { phase: record?.phase }) }]
}
