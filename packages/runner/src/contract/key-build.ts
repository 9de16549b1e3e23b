import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import type { ParityContext } from '../parity/parity-context.ts'
import type { ParityIndex, ParityMember } from '../parity/parity-facts.ts'
import { qualified } from '../sql/sync-names.ts'

interface Ensure {
  /** A table, and its partitions behind it. */
  readonly tree: readonly ParityMember[]
  /** Other columns in the places of those of the key. */
  readonly columns: ReadonlyMap<string, string>
  /** What an index is called that is built on a member. */
  readonly nameOf: (member: ParityMember) => string
  /** An index that is there will do. */
  readonly usable: (index: ParityIndex) => boolean
  /** Those of partitions are made parts of one of their table: ON CONFLICT looks for that. */
  readonly attached: boolean
}

interface Ensured {
  /** By the oid of the member. */
  readonly names: ReadonlyMap<number, string>
  /** What builds those that are missing. */
  readonly actions: readonly Action[]
}

/** Unique indexes like that of a primary key over other columns, found or to be built. */
export function ensureUnique(context: ParityContext, key: ParityIndex, options: Ensure): Ensured {
  const { tree, nameOf, usable, attached } = options
  const names = new Map<number, string>()
  const actions: Action[] = []
  // Partitions first: what they have is attached to what their table has.
  for (const member of tree.toReversed()) {
    const leaf = member.kind === 'r'
    if (!leaf && !attached) continue
    const found = indexesLike(context, key, { member, columns: options.columns }).find(usable)
    const name = found?.name ?? nameOf(member)
    names.set(member.oid, name)
    if (found === undefined) actions.push(...build(context, key, { member, name, options }))
    if (!leaf) actions.push(...attach(context, { member, found, tree, names }))
  }
  return { names, actions }
}

/** Those of a member that hold for the same rows at once, and have the order that PostgreSQL wants of a primary key's index. */
export function indexesLike(
  { facts }: ParityContext,
  key: ParityIndex,
  { member, columns }: Pick<Ensure, 'columns'> & { readonly member: ParityMember },
): readonly ParityIndex[] {
  const keys = mapped(
    key.keys.map(({ column }) => column ?? ''),
    columns,
  )
  const include = mapped(key.include, columns)
  return facts.indexes.filter(
    (index) =>
      index.member === member.oid &&
      // An index of a partitioned table is not valid before that of the last partition is attached.
      (member.kind === 'p' ? index.kind === 'I' : index.valid) &&
      index.unique &&
      !index.primary &&
      index.method === 'btree' &&
      index.predicate === null &&
      facts.constraints.find(({ oid }) => oid === index.constraint)?.deferrable !== true &&
      index.keys.every(
        (each) => each.defaultClass && each.collation === null && !each.descending && !each.nullsFirst,
      ) &&
      same(
        index.keys.map(({ column }) => column),
        keys,
      ) &&
      same(index.include, include),
  )
}

const mapped = (names: readonly string[], columns: ReadonlyMap<string, string>): readonly string[] =>
  names.map((name) => columns.get(name) ?? name)

const same = (one: readonly (string | null)[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index])

function build(
  context: ParityContext,
  key: ParityIndex,
  { member, name, options }: { readonly member: ParityMember; readonly name: string; readonly options: Ensure },
): readonly Action[] {
  const list = (names: readonly string[]): string => mapped(names, options.columns).map(quoteIdentifier).join(', ')
  const table = qualified(member.schema, member.name)
  const include = key.include.length === 0 ? '' : ` INCLUDE (${list(key.include)})`
  const columns = `(${list(key.keys.map(({ column }) => column ?? ''))})${include}`
  if (member.kind === 'p')
    return [
      context.action({
        sql: `CREATE UNIQUE INDEX ${quoteIdentifier(name)} ON ONLY ${table} ${columns}`,
        why: 'It counts when that of each partition is attached.',
        ...{ table, lock: 'SHARE ROW EXCLUSIVE', transaction: `key ${name}` },
      }),
    ]
  const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${qualified(member.schema, name)}`
  const common = { table, lock: 'SHARE UPDATE EXCLUSIVE', transaction: undefined } as const
  const left = context.facts.indexes.some((each) => each.name === name && each.member === member.oid)
  return [
    ...(left
      ? [
          context.action({
            ...common,
            sql: drop,
            why: `${name} was left behind, invalid, by a build that ended early.`,
          }),
        ]
      : []),
    context.action({
      ...common,
      sql: `CREATE UNIQUE INDEX CONCURRENTLY ${quoteIdentifier(name)} ON ${table} ${columns}`,
      ...{ undo: drop, estimate: context.scan(member), why: `What ${key.name} is, beside it.` },
    }),
  ]
}

/** Each part that is not one yet. */
function attach(
  context: ParityContext,
  {
    member,
    found,
    tree,
    names,
  }: {
    readonly member: ParityMember
    readonly found: ParityIndex | undefined
    readonly tree: readonly ParityMember[]
    readonly names: ReadonlyMap<number, string>
  },
): readonly Action[] {
  const index = qualified(member.schema, names.get(member.oid) ?? '')
  return tree
    .filter(({ parent }) => parent === member.oid)
    .flatMap((partition) => {
      const name = names.get(partition.oid) ?? ''
      const part = context.facts.indexes.find((each) => each.member === partition.oid && each.name === name)
      if (found !== undefined && part?.parent === found.oid) return []
      const table = qualified(partition.schema, partition.name)
      const sql = `ALTER INDEX ${index} ATTACH PARTITION ${qualified(partition.schema, name)}`
      const why = 'Its part for this partition.'
      return context.action({ sql, why, table, lock: 'SHARE UPDATE EXCLUSIVE', transaction: `key ${name}` })
    })
}
