import { createHash } from 'node:crypto'
import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { timingOf } from '../parity/constraint-comment.ts'
import type { ParityContext } from '../parity/parity-context.ts'
import type { ParityConstraint, ParityIndex, ParityMember } from '../parity/parity-facts.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { ensureUnique, indexesLike } from './key-build.ts'

/** How the indexes of this module are called; the rest is a hash. */
const KEY_INDEX = '_ec_key_'

/** A primary key over migrating columns, and what leads it to the other side. */
export interface KeyMove {
  readonly name: string
  /** The table that it stands on. */
  readonly member: ParityMember
  /** Unique indexes that are built first, while everybody works. */
  readonly ahead: readonly Action[]
  /** An instant, in the transaction of the rest. */
  readonly within: readonly SyncStatement[]
  /** What holds it where it is, as foreign keys that lead to it: `items_order_id_fkey of public.items`. */
  readonly heldBy: readonly string[]
  /** The tables that have it: itself and its partitions. */
  readonly members: readonly ParityMember[]
}

/** Primary keys of a table and of what inherits from it, that name columns of one side. */
export interface KeyMoves {
  readonly moves: readonly KeyMove[]
  /** Keys whose columns have no counterparts of their own on the other side. */
  readonly others: readonly ParityConstraint[]
}

export interface KeepOptions {
  /** The side that the key leaves gets a unique index of its own. @defaultValue true where that side stays, on the way to the new one */
  readonly keep?: boolean
}

/**
 * Leads primary keys to the other side of a migration. A table has one primary key, so parity cannot make a second one: its counterpart is a unique
 * index, which becomes the key in an instant (ALTER TABLE ... ADD PRIMARY KEY USING INDEX), and the side that it leaves keeps a unique index of its own,
 * for whoever still looks rows up by it, or names it in ON CONFLICT. PostgreSQL takes no index of a partitioned table for it: there each partition
 * gets its key from one, and the table takes these over.
 *
 * https://www.postgresql.org/docs/18/sql-altertable.html
 */
export function keyMoves(
  context: ParityContext,
  to: 'old' | 'new',
  { keep = to === 'new' }: KeepOptions = {},
): KeyMoves {
  const from = to === 'new' ? context.oldNames : context.newNames
  const keys = context.facts.constraints.filter(
    ({ type, own, columns }) => type === 'p' && own && columns.some((column) => from.has(column)),
  )
  const moves = keys.map((key) => ({ key, move: new KeyMover(context, key, to).move(keep) }))
  return {
    moves: moves.flatMap(({ move }) => move ?? []),
    others: moves.flatMap(({ key, move }) => (move === undefined ? [key] : [])),
  }
}

class KeyMover {
  readonly #context: ParityContext
  readonly #key: ParityConstraint
  readonly #to: 'old' | 'new'
  readonly #tree: readonly ParityMember[]

  constructor(context: ParityContext, key: ParityConstraint, to: 'old' | 'new') {
    this.#context = context
    this.#key = key
    this.#to = to
    this.#tree = treeOf(context.facts.members, key.member)
  }

  move(keep: boolean): KeyMove | undefined {
    const { facts } = this.#context
    const index = facts.indexes.find(({ oid }) => oid === this.#key.index)
    const [member] = this.#tree
    const columns = this.#counterparts()
    // An index cannot become a key WITHOUT OVERLAPS.
    if (this.#key.temporal) return undefined
    const foreign = this.#tree.some(({ kind }) => kind === 'f')
    if (index === undefined || member === undefined || columns === undefined || foreign) return undefined
    const tree = this.#tree
    if (this.#to === 'new' && this.#mayDiffer() && !this.#isThere(index, columns)) return undefined
    const target = ensureUnique(this.#context, index, {
      ...{ tree, columns, nameOf: (each) => this.#indexName('key', each), attached: false },
      // One that stands for a constraint, or is part of another, cannot become a key.
      usable: ({ constraint, parent }) => constraint === null && parent === null,
    })
    const kept = !keep
      ? []
      : ensureUnique(this.#context, index, {
          ...{ tree, columns: new Map(), nameOf: (each) => this.#indexName('kept', each), attached: true },
          usable: () => true,
        }).actions
    return {
      ...{ name: this.#key.name, member, members: this.#tree, heldBy: this.#heldBy() },
      ahead: [...target.actions, ...kept],
      within: [...this.#swap(member, columns, target.names), ...this.#redundant(index, columns)],
    }
  }

  /** Two values may become one, so that nobody but a person can say that the other side is unique. */
  #mayDiffer(): boolean {
    return this.#context.pairs.some(({ old, kind }) => kind === 'changed' && this.#key.columns.includes(old))
  }

  #isThere(index: ParityIndex, columns: ReadonlyMap<string, string>): boolean {
    const [member] = this.#tree
    return member !== undefined && indexesLike(this.#context, index, { member, columns }).length > 0
  }

  /** What a partitioned table had in place of the key, unless a foreign key leads to it. */
  #redundant(index: ParityIndex, columns: ReadonlyMap<string, string>): readonly SyncStatement[] {
    const [member] = this.#tree
    const { constraints } = this.#context.facts
    if (member?.kind !== 'p') return []
    return indexesLike(this.#context, index, { member, columns })
      .filter(({ oid, constraint }) => constraint === null && !constraints.some((each) => each.index === oid))
      .map(({ schema, name }) => ({ sql: `DROP INDEX ${qualified(schema, name)}`, why: 'The key stands for it.' }))
  }

  /** The columns of the key, with those of the other side in their places. */
  #counterparts(): ReadonlyMap<string, string> | undefined {
    const { pairs, oldNames, newNames } = this.#context
    const there = new Map(pairs.map((pair) => (this.#to === 'new' ? [pair.old, pair.new] : [pair.new, pair.old])))
    const from = this.#to === 'new' ? oldNames : newNames
    const known = this.#key.columns.every((column) => !from.has(column) || there.has(column))
    return known ? there : undefined
  }

  #has(oid: number): boolean {
    return this.#tree.some((member) => member.oid === oid)
  }

  #heldBy(): readonly string[] {
    const { constraints, indexes } = this.#context.facts
    const own = new Set(indexes.flatMap(({ oid, primary, member }) => (primary && this.#has(member) ? [oid] : [])))
    const from = this.#to === 'new' ? this.#context.oldNames : this.#context.newNames
    const identities = indexes.filter(
      ({ replicaIdentity, primary, member, columns }) =>
        // It wants its columns to stay NOT NULL.
        replicaIdentity && !primary && this.#has(member) && columns.some((name) => from.has(name)),
    )
    return [
      ...constraints.flatMap(({ type, index, name, table }) =>
        type === 'f' && index !== null && own.has(index) ? [`${name} of ${table.schema}.${table.name}`] : [],
      ),
      ...identities.map(({ name }) => `replica identity ${name}`),
    ]
  }

  #swap(
    member: ParityMember,
    columns: ReadonlyMap<string, string>,
    targets: ReadonlyMap<number, string>,
  ): readonly SyncStatement[] {
    const why = `The primary key goes to ${this.#to === 'new' ? 'the new column' : 'the old column again'}.`
    const table = qualified(member.schema, member.name)
    const name = quoteIdentifier(this.#key.name)
    const timing = timingOf(this.#key)
    const using = (at: ParityMember): string =>
      `PRIMARY KEY USING INDEX ${quoteIdentifier(targets.get(at.oid) ?? '')}${timing}`
    const comment =
      this.#key.comment === null
        ? []
        : [{ sql: `COMMENT ON CONSTRAINT ${name} ON ${table} IS ${literal(this.#key.comment)}`, why: 'Its comment.' }]
    if (member.kind !== 'p')
      return [
        { sql: `ALTER TABLE ${table} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} ${using(member)}`, why },
        ...comment,
        ...this.#marks(),
      ]
    const of = (all: readonly string[]): string =>
      all.map((column) => quoteIdentifier(columns.get(column) ?? column)).join(', ')
    const include = this.#context.facts.indexes.find(({ oid }) => oid === this.#key.index)?.include ?? []
    return [
      { sql: `ALTER TABLE ${table} DROP CONSTRAINT ${name}`, why },
      ...this.#tree
        .filter(({ kind }) => kind === 'r')
        .map((leaf) => ({
          sql: `ALTER TABLE ${qualified(leaf.schema, leaf.name)} ADD CONSTRAINT ${quoteIdentifier(this.#nameOn(leaf))} ${using(leaf)}`,
          why: 'Its part of the key.',
        })),
      {
        sql: `ALTER TABLE ${table} ADD CONSTRAINT ${name} PRIMARY KEY (${of(this.#key.columns)})${include.length === 0 ? '' : ` INCLUDE (${of(include)})`}${timing}`,
        why: 'It takes over the keys of its partitions.',
      },
      ...comment,
      ...this.#marks(),
    ]
  }

  /** What the index of the key alone has, on each member. */
  #marks(): readonly SyncStatement[] {
    return this.#tree.flatMap((member) => {
      const index = this.#context.facts.indexes.find((each) => each.primary && each.member === member.oid)
      const [table, name] = [qualified(member.schema, member.name), quoteIdentifier(this.#nameOn(member))]
      return [
        ...(index?.replicaIdentity
          ? [
              {
                sql: `ALTER TABLE ${table} REPLICA IDENTITY USING INDEX ${name}`,
                why: 'Else updates and deletes could not be replicated.',
              },
            ]
          : []),
        ...(index?.clustered
          ? [{ sql: `ALTER TABLE ${table} CLUSTER ON ${name}`, why: 'So that CLUSTER knows the order.' }]
          : []),
      ]
    })
  }

  /** How the key is called on a partition. */
  #nameOn({ oid }: ParityMember): string {
    const { constraints } = this.#context.facts
    return constraints.find(({ type, member }) => type === 'p' && member === oid)?.name ?? this.#key.name
  }

  #indexName(use: 'key' | 'kept', { schema, name }: ParityMember): string {
    const text = JSON.stringify([this.#context.migration.id, schema, name, use, this.#to])
    return `${KEY_INDEX}${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  }
}

/** A table, and its partitions behind it. */
function treeOf(members: readonly ParityMember[], oid: number): readonly ParityMember[] {
  const own = members.filter((member) => member.oid === oid)
  const below = members.filter(({ parent, partition }) => partition && parent === oid)
  return [...own, ...below.flatMap((member) => treeOf(members, member.oid))]
}

/** Indexes of this module that are not needed on the side that stays. */
export const leftKeyIndexes = (context: ParityContext, used: readonly SyncStatement[]): readonly ParityIndex[] =>
  context.facts.indexes.filter(
    ({ name, parent, constraint, columns }) =>
      name.startsWith(KEY_INDEX) &&
      parent === null &&
      constraint === null &&
      !context.isNew(columns) &&
      !used.some(({ sql }) => sql.includes(quoteIdentifier(name))),
  )
