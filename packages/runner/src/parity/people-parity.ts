import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from '../sql/sync-names.ts'
import { foreignKeyText } from './foreign-key-parity.ts'
import type { ParityContext } from './parity-context.ts'
import type { Dependent, ParityConstraint, ParityPublication } from './parity-facts.ts'

/** What nothing is made from: it is named, with the SQL to start from. */
export function peopleParity(context: ParityContext): void {
  for (const key of context.facts.constraints) incomingKey(context, key)
  for (const dependent of context.facts.dependents) namedIn(context, dependent)
  for (const publication of context.facts.publications) published(context, publication)
}

/** A foreign key that points at an old column: it goes with the old column, and nothing would hold the rows together any more. */
function incomingKey(context: ParityContext, key: ParityConstraint): void {
  const { references } = key
  if (key.type !== 'f' || !key.own || references === null) return
  const target = context.facts.members.find(({ oid }) => oid === references.oid)
  if (target === undefined || !context.concerns(references.columns)) return
  const to = references.columns.map((name) => context.column(name))
  const columns = key.columns.map((name) => newColumnOf(context, key, name) ?? name)
  const there = context.facts.constraints.some(
    (each) =>
      each.type === 'f' &&
      // A table may lead here by several of its columns.
      [key.columns, columns].some((own) => each.columns.join('\n') === own.join('\n')) &&
      each.validated === key.validated &&
      each.table.schema === key.table.schema &&
      each.table.name === key.table.name &&
      each.references?.oid === references.oid &&
      each.references.columns.join('\n') === to.join('\n') &&
      each.references.onDelete === references.onDelete &&
      each.references.onUpdate === references.onUpdate,
  )
  // That of the new column over there is one of two which lead to the same.
  const again = context.facts.constraints.some(
    (each) =>
      each.type === 'f' &&
      each.columns.join('\n') !== key.columns.join('\n') &&
      each.table.schema === key.table.schema &&
      each.table.name === key.table.name &&
      each.references?.oid === references.oid &&
      each.columns.map((name) => newColumnOf(context, each, name) ?? name).join('\n') === key.columns.join('\n') &&
      each.references.columns.join('\n') === references.columns.join('\n'),
  )
  if (there || again) return
  const from = qualified(key.table.schema, key.table.name)
  const used = (name: string): boolean =>
    context.facts.constraints.some(
      ({ name: other, table }) => other === name && table.schema === key.table.schema && table.name === key.table.name,
    )
  const name = quoteIdentifier(context.name(key.table.schema, key.name, { own: () => true, used }) ?? `${key.name}_new`)
  const table = qualified(references.schema, references.table)
  const add = `ALTER TABLE ${from} ADD CONSTRAINT ${name} ${foreignKeyText(key, { columns, table, to })}`
  context.forPeople.push({
    what: `foreign key ${key.name} of ${key.table.schema}.${key.table.name}`,
    why: `it points at ${references.columns.join(', ')}, and goes with it`,
    sql: key.table.partitioned
      ? `-- NOT VALID is not for partitioned tables before PostgreSQL 18: add it to each partition first, and this takes those over.\n${add};`
      : `${add} NOT VALID;\nALTER TABLE ${from} VALIDATE CONSTRAINT ${name};`,
    before: 'switch',
  })
}

/** The column that a migration of the referencing table leads to. */
function newColumnOf({ others }: ParityContext, { table }: ParityConstraint, column: string): string | undefined {
  const migration = others.find(
    (each) =>
      each.table.name === table.name &&
      (each.table.schema ?? table.schema) === table.schema &&
      each.old.some(({ name }) => name === column),
  )
  return migration?.old.length === 1 && migration.new.length === 1 ? migration.new[0]?.name : undefined
}

const WHY: Readonly<Record<Dependent['kind'], string>> = {
  view: 'it reads the old column',
  rule: 'it names the old column',
  policy: 'it lets rows pass by the old column',
  'generated column': 'PostgreSQL computes it from the old column',
  trigger: 'it names the old column',
  function: 'it names the old column',
}

function namedIn(context: ParityContext, { kind, name, column, definition }: Dependent): void {
  if (!context.oldNames.has(column)) return
  // One that names the new column as well may be what a person has made of it; it still has to let go of the old one.
  const to = context.pairs.find(({ old }) => old === column)?.new ?? [...context.newNames].join(', ')
  context.forPeople.push({
    what: `${kind} ${name}`,
    why: WHY[kind],
    sql: `-- with ${to} in the place of ${column}:\n${definition ?? ''}`,
    before: 'contract',
  })
}

function published(context: ParityContext, { name, member, columns, filter }: ParityPublication): void {
  const lists = columns !== null && context.concerns(columns)
  const filters = filter !== null && [...context.oldNames].some((each) => context.names(filter, each))
  if (!lists && !filters) return
  const table = context.tableOf(member)
  const olds = columns?.filter((each) => context.oldNames.has(each)) ?? []
  const all = [
    ...new Set([
      ...(columns ?? []),
      ...olds.map((each) => context.column(each)),
      ...(olds.length > 0 && context.pairs.length === 0 ? context.newNames : []),
    ]),
  ]
  const list = columns === null ? '' : ` (${all.map((each) => quoteIdentifier(each)).join(', ')})`
  const where = filter === null ? '' : ` WHERE (${context.expression(filter)})`
  const publication = quoteIdentifier(name)
  context.forPeople.push({
    what: `publication ${name} of ${table.replaceAll('"', '')}`,
    why: lists ? 'its list has the old column, and not the new one' : 'its filter names the old column',
    sql: `-- add the column on the subscriber first:\nBEGIN;\nALTER PUBLICATION ${publication} DROP TABLE ${table};\nALTER PUBLICATION ${publication} ADD TABLE ${table}${list}${where};\nCOMMIT;`,
    before: 'contract',
  })
}
