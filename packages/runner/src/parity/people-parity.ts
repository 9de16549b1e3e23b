import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from '../sql/sync-names.ts'
import { columnBeside, originOf } from './columns-elsewhere.ts'
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
  if (hasKeyToNew(context, key) || isAgain(context, key)) return
  const columns = key.columns.map((name) => besideOf(context, key, name))
  const to = newTargets(context, references)
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
const besideOf = ({ facts }: ParityContext, { table }: ParityConstraint, column: string): string =>
  columnBeside(facts, { schema: table.schema, table: table.name }, column)

/** Foreign keys of the same table to the same one that do the same when a row goes. */
const alikeTo = ({ facts }: ParityContext, key: ParityConstraint): readonly ParityConstraint[] =>
  facts.constraints.filter(
    ({ type, table, references }) =>
      type === 'f' &&
      table.schema === key.table.schema &&
      table.name === key.table.name &&
      references?.oid === key.references?.oid &&
      references?.onDelete === key.references?.onDelete &&
      references?.onUpdate === key.references?.onUpdate,
  )

/** One leads to the new column; any other of its columns, on both sides, may be that of another migration. */
function hasKeyToNew(context: ParityContext, key: ParityConstraint): boolean {
  const { references } = key
  if (references === null) return false
  const leads = (each: ParityConstraint, column: string, index: number): boolean => {
    const target = references.columns[index] ?? ''
    const targets = context.oldNames.has(target)
      ? [context.column(target)]
      : [target, columnBeside(context.facts, references, target)]
    return each.columns.some(
      (own, at) =>
        [column, besideOf(context, key, column)].includes(own) && targets.includes(each.references?.columns[at] ?? ''),
    )
  }
  return alikeTo(context, key).some(
    (each) =>
      each.validated === key.validated &&
      each.columns.length === key.columns.length &&
      key.columns.every((column, index) => leads(each, column, index)),
  )
}

/** That of the new column of another migration, on either side, is one of two which lead to the same. */
function isAgain(context: ParityContext, key: ParityConstraint): boolean {
  const ends = ({ columns, table, references }: ParityConstraint) =>
    columns.map((from, index) => {
      const to = references?.columns[index] ?? ''
      const place = { schema: table.schema, table: table.name }
      const origins = [originOf(context.facts, place, from), references && originOf(context.facts, references, to)]
      const moved = from === besideOf(context, key, origins[0] ?? '') && from !== origins[0] ? 1 : 0
      return { origins, moved: moved + (to === origins[1] ? 0 : 1) }
    })
  const originsOf = (each: ParityConstraint): string =>
    ends(each)
      .map(({ origins }) => JSON.stringify(origins))
      .toSorted()
      .join()
  const movedOf = (each: ParityConstraint): number => ends(each).reduce((sum, { moved }) => sum + moved, 0)
  return alikeTo(context, key).some((each) => movedOf(each) < movedOf(key) && originsOf(each) === originsOf(key))
}

/** Where it leads to the new column: to the new columns of other migrations as well, where those are unique together already. */
function newTargets(
  context: ParityContext,
  references: NonNullable<ParityConstraint['references']>,
): readonly string[] {
  const own = references.columns.map((name) => context.column(name))
  const all = own.map((name) => (context.newNames.has(name) ? name : columnBeside(context.facts, references, name)))
  const isUnique = context.facts.indexes.some(
    ({ member, unique, valid, predicate, keys }) =>
      member === references.oid &&
      unique &&
      valid &&
      predicate === null &&
      keys
        .map(({ column }) => column ?? '')
        .toSorted()
        .join('\n') === all.toSorted().join('\n'),
  )
  return isUnique ? all : own
}

const WHY: Readonly<Record<Dependent['kind'], string>> = {
  view: 'it reads the old column',
  rule: 'it names the old column',
  policy: 'it lets rows pass by the old column',
  'generated column': 'PostgreSQL computes it from the old column',
  trigger: 'it names the old column',
  function: 'it names the old column',
}

function namedIn(context: ParityContext, dependent: Dependent): void {
  const { kind, name, column, definition } = dependent
  if (!context.oldNames.has(column)) return
  // One that names the new column as well may be what a person has made of it; it still has to let go of the old one.
  const to = context.pairs.find(({ old }) => old === column)?.new ?? [...context.newNames].join(', ')
  context.forPeople.push({
    what: `${kind} ${name}`,
    why: WHY[kind],
    sql: generatedSql(context, dependent) ?? `-- with ${to} in the place of ${column}:\n${definition ?? ''}`,
    before: 'contract',
  })
}

/** A generated column over the new ones; undefined where these may ask for another expression. */
function generatedSql(context: ParityContext, { column, definition, expression }: Dependent): string | undefined {
  if (definition === null || expression === null) return undefined
  if (context.pairsOf([column]) === undefined || context.unlike(expression).length > 0) return undefined
  const at = definition.lastIndexOf(`(${expression})`)
  const sql = `${definition.slice(0, at)}(${context.expression(expression)})${definition.slice(at + expression.length + 2)}`
  return `-- a stored column is written anew in all rows, under a lock that nobody gets past:\n${sql};`
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
