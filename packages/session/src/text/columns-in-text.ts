import type { Migration } from '@expand-contract/core'
import type { Catalog, Plan } from '@expand-contract/sql'
import { refusedText } from './refused-text.ts'
import { StatementFacts } from './statement-facts.ts'
import { keyWord, nameOf, type StatementInText } from './statements-in.ts'

const ADDS = new Set(['create', 'alter'])
const WRITES = new Set(['insert', 'update', 'merge'])

/**
 * A text that adds the other column of a migration and then writes the one that the application knows: it is planned with
 * the columns from before it, so the row would have one side alone. A statement that names both knows what it does.
 * undefined for all others.
 */
export function refusedForColumns(text: string, migrations: readonly Migration[], catalog: Catalog): Plan | undefined {
  if (!text.includes(';') || !new StatementFacts(text).mayChangeCatalog) return undefined
  const statements = new StatementFacts(text).statements.map(wordsOf)
  const parted = migrations.filter((migration) => {
    const { table, app } = migration
    const [logical, shadows] = app === 'old' ? [migration.old, migration.new] : [migration.new, migration.old]
    const columns = catalog.relation(table.schema, table.name)?.columns ?? []
    const absent = shadows.filter(({ name }) => !columns.some((column) => column.name === name))
    const ofTable = statements.filter(({ names }) => names.has(table.name))
    const namesAbsent = ({ names }: Words): boolean => absent.some(({ name }) => names.has(name))
    const adds = ofTable.findIndex((each) => ADDS.has(each.first) && namesAbsent(each))
    const after = adds < 0 ? [] : ofTable.slice(adds + 1)
    return after.some(
      (each) =>
        !namesAbsent(each) &&
        (each.writes === 'insert' || (each.writes !== undefined && logical.some(({ name }) => each.names.has(name)))),
    )
  })
  if (parted.length === 0) return undefined
  return refusedText(text, {
    command: statements[0]?.first.toUpperCase() ?? '',
    code: 'columns-in-text',
    message:
      'The text adds a column of the migration and then writes the table, which is planned with the columns from before the text. Send the two parts one after the other.',
    migrations: parted,
  })
}

interface Words {
  readonly first: string
  readonly names: ReadonlySet<string>
  /** `insert`, `update` or `merge`. */
  readonly writes: string | undefined
}

function wordsOf({ words }: StatementInText): Words {
  const plain = words.map(keyWord)
  const [first = ''] = plain
  const writes = WRITES.has(first) ? first : first === 'with' ? plain.find((word) => WRITES.has(word)) : undefined
  return { first, names: new Set(words.map(nameOf)), writes }
}
