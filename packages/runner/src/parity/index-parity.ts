import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import { type ColumnPair, isAlike } from './column-pairs.ts'
import { timingOf } from './constraint-comment.ts'
import { excludingParity, isExcluding } from './excluding-parity.ts'
import { createIndex, dropInvalid, indexSignature, lackingFor } from './index-sql.ts'
import { leftoversOf, strayIndexes } from './left-behind.ts'
import { oneOfEach } from './one-of-each.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { IndexKey, ParityConstraint, ParityIndex, ParityMember } from './parity-facts.ts'

/** Types that the default operator class of btree or hash knows nothing of. */
const WITHOUT_ORDER = new Set(['json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'])

/** Indexes, and the unique constraints and primary keys that stand on them. */
export function indexParity(context: ParityContext): readonly ParityPart[] {
  const constraintOf = (index: ParityIndex): ParityConstraint | undefined =>
    context.facts.constraints.find(({ oid }) => oid === index.constraint)
  const all = context.facts.indexes.filter(
    (index) => standsAlone(context, index) && index.valid && context.concerns(index.columns),
  )
  const keyOf = (index: ParityIndex): string => {
    const { type, deferrable, deferred } = constraintOf(index) ?? {}
    const { clustered, replicaIdentity } = index
    const own = [type, deferrable, deferred, clustered, replicaIdentity, context.declaredName(index.name)]
    return JSON.stringify([indexSignature(context, index, 'old'), ...own])
  }
  const parts = oneOfEach(all, keyOf).flatMap((index) => {
    const constraint = constraintOf(index)
    if (isExcluding(constraint)) {
      marksOf(context, index, false)
      return excludingParity(context, { index, constraint, declared: declaredIsThere(context, index) })
    }
    const why = reasonForPeople(context, index)
    marksOf(context, index, why === undefined)
    if (why === undefined) return [new IndexPart(context, index, constraint).part()]
    if (!declaredIsThere(context, index))
      context.forPeople.push({ what: `index ${index.name}`, why, sql: startingPoint(context, index), before: 'switch' })
    return []
  })
  strayIndexes(context)
  return parts
}

/** What one index of a table alone can have: `contract` and `drop` move it to the counterpart; there is none, or not one that can take it, where people have to. */
function marksOf(context: ParityContext, index: ParityIndex, paired: boolean): void {
  const { schema, name, kind } = context.member(index.member)
  const table = qualified(schema, name)
  // With the primary key goes what its index has; the rest waits until the old column is dropped.
  const moved = paired && (index.primary || kind !== 'p')
  const to = quoteIdentifier(`<the index of ${[...context.newNames].join(', ')}>`)
  const marks = [
    [index.clustered, `CLUSTER mark of ${index.name}`, `CLUSTER ON ${to}`],
    [index.replicaIdentity, `replica identity by ${index.name}`, `REPLICA IDENTITY USING INDEX ${to}`],
    [index.primary, `primary key ${index.name}`, `DROP CONSTRAINT ${quoteIdentifier(index.name)}, ADD PRIMARY KEY ...`],
  ] as const
  for (const [has, what, sql] of marks)
    if (has && moved) context.later.push({ what, by: index.primary ? 'contract' : 'drop' })
    else if (has)
      context.forPeople.push({
        ...{ what, why: 'one index alone can have it, and that of the new column does not get it by itself' },
        ...{ sql: `-- in hold, before the drop:\n-- ALTER TABLE ${table} ${sql};`, before: 'contract' },
      })
}

/** That of a partition comes with its parent, which counts when each partition has one. */
function standsAlone({ facts }: ParityContext, { parent }: ParityIndex): boolean {
  if (parent === null) return true
  const above = facts.indexes.find(({ oid }) => oid === parent)
  return above !== undefined && !above.valid
}

function reasonForPeople(context: ParityContext, index: ParityIndex): string | undefined {
  const pairs = context.pairsOf(index.columns)
  if (pairs === undefined) return `its columns have no counterpart of their own in ${context.migration.id}`
  const changed = pairs.filter((pair) => !isAlike(pair))
  const texts = [...index.keys.map(({ expression }) => expression), index.predicate]
  const [unlike] = texts.flatMap((text) => (text === null ? [] : context.unlike(text)))
  // One that a person has made is as good.
  if (unlike !== undefined)
    return hasCounterpart(context, index)
      ? undefined
      : `it has an expression over ${unlike.old}, whose type is another now`
  for (const pair of changed) {
    const key = index.keys.find(({ column }) => column === pair.old)
    const why = key === undefined ? undefined : reasonOfKey(index, key, pair)
    if (why !== undefined) return why
  }
  return undefined
}

function reasonOfKey(index: ParityIndex, key: IndexKey, pair: ColumnPair): string | undefined {
  if (!key.defaultClass || key.classOptions.length > 0)
    return `its operator class may have no counterpart for the type of ${pair.new}`
  if (key.collation !== null) return `it has a collation of its own for ${pair.old}`
  const ordered = index.method === 'btree' || index.method === 'hash'
  if (!ordered || WITHOUT_ORDER.has(pair.newType))
    return `the method ${index.method} may have no operator class for the type of ${pair.new}`
  return index.unique && pair.kind === 'changed'
    ? `two values of ${pair.old} may become one value of ${pair.new}, and would be refused`
    : undefined
}

function hasCounterpart(context: ParityContext, index: ParityIndex): boolean {
  const signature = indexSignature(context, index, 'old')
  return context.facts.indexes.some((each) => each.valid && indexSignature(context, each, 'new') === signature)
}

function declaredIsThere(context: ParityContext, { name, member }: ParityIndex): boolean {
  const declared = context.declaredName(name)
  return context.facts.indexes.some((each) => each.member === member && each.name === declared && each.valid)
}

function startingPoint(context: ParityContext, index: ParityIndex): string {
  const news = [...context.newNames].map(quoteIdentifier).join(', ')
  return `-- the same over ${news}, as it fits them:\n-- ${index.definition}`
}

/** One index, or the tree of those of a partitioned table. */
class IndexPart {
  readonly #context: ParityContext
  readonly #index: ParityIndex
  readonly #constraint: ParityConstraint | undefined
  readonly #actions: Action[] = []

  constructor(context: ParityContext, index: ParityIndex, constraint: ParityConstraint | undefined) {
    this.#context = context
    this.#index = index
    // A second primary key is not possible: its counterpart is a unique index, of which contract makes one.
    this.#constraint = constraint?.type === 'u' ? constraint : undefined
  }

  part(): ParityPart {
    const made = this.#make(this.#index, this.#context.member(this.#index.member))
    return { kind: this.#index.unique ? 'unique' : 'index', what: `index ${made.name}`, actions: this.#actions }
  }

  /** The counterpart on one member, and on its partitions; made where it is missing. */
  #make(template: ParityIndex, member: ParityMember): { readonly name: string; readonly oid: number | undefined } {
    const context = this.#context
    const there = this.#counterpart(template, member)
    const leftovers = leftoversOf(context, template, member)
    const own = (name: string) => leftovers.some((each) => each.name === name)
    const name = there?.name ?? context.name(member.schema, template.name, { own }) ?? `${template.name}_new`
    const place = { template, member, name }
    for (const each of leftovers) this.#takeAway(each, member)
    if (member.kind === 'p') {
      if (there === undefined) this.#makeParent(place)
      for (const partition of context.facts.members.filter(
        ({ parent, kind }) => parent === member.oid && kind !== 'f',
      )) {
        const attached = context.facts.indexes.find(
          (each) => each.member === partition.oid && each.parent === template.oid,
        )
        const of = attached ?? {
          ...template,
          member: partition.oid,
          name: `${partition.name}_${template.name}`.slice(0, 50),
        }
        this.#attach(this.#make(of, partition), { place, partition, to: there?.oid })
      }
    } else {
      if (there === undefined) this.#build(place)
      this.#constrain(place, there)
    }
    this.#finish(place, there)
    return { name, oid: there?.oid }
  }

  #counterpart(template: ParityIndex, member: ParityMember): ParityIndex | undefined {
    const signature = indexSignature(this.#context, { ...template, member: member.oid }, 'old')
    const all = this.#context.facts.indexes.filter(
      (each) =>
        // An index of a partitioned table is not valid before that of the last partition is attached.
        (each.valid || each.kind === 'I') &&
        each.kind === (member.kind === 'p' ? 'I' : 'i') &&
        indexSignature(this.#context, each, 'new') === signature &&
        this.#suits(each),
    )
    return all.find(({ constraint }) => constraint !== null) ?? all[0]
  }

  /** A unique index may become a constraint; that of a partitioned table may not. */
  #suits({ constraint, kind }: ParityIndex): boolean {
    const wanted = this.#constraint
    if (constraint === null) return wanted === undefined || kind === 'i'
    const found = this.#context.facts.constraints.find(({ oid }) => oid === constraint)
    return found?.deferrable === (wanted?.deferrable ?? false) && found.deferred === (wanted?.deferred ?? false)
  }

  /** An index that a build of ours has left behind; one that somebody still works on is waited for, and stays if it comes to its end. */
  #takeAway({ name }: ParityIndex, member: ParityMember): void {
    const table = qualified(member.schema, member.name)
    const why = `${name} was left behind, invalid, by a build that ended early.`
    const sql = dropInvalid(qualified(member.schema, name), table)
    this.#actions.push(
      this.#context.action({ ...{ sql, why, table, lock: 'ACCESS EXCLUSIVE' }, transaction: `parity ${name} left` }),
    )
  }

  #build({ template, member, name }: Place): void {
    const context = this.#context
    lackingFor(context, template, member)
    const table = qualified(member.schema, member.name)
    this.#actions.push(
      context.action({
        ...{ table, transaction: undefined, lock: 'SHARE UPDATE EXCLUSIVE' },
        sql: createIndex(context, template, { name, table, how: 'CONCURRENTLY' }),
        undo: dropInvalid(qualified(member.schema, name), table),
        ...{ estimate: context.scan(member), why: `What ${template.name} is to the old column.` },
      }),
    )
  }

  #makeParent({ template, member, name }: Place): void {
    const context = this.#context
    lackingFor(context, template, member)
    const table = qualified(member.schema, member.name)
    const sql =
      this.#constraint === undefined
        ? createIndex(context, template, { name, table, how: 'ONLY' })
        : `ALTER TABLE ONLY ${table} ADD CONSTRAINT ${quoteIdentifier(name)} ${this.#unique(template)}${timingOf(this.#constraint)}`
    const lock = this.#constraint === undefined ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE'
    const why = `What ${template.name} is to the old column; it counts when the index of each partition is attached.`
    this.#actions.push(context.action({ ...{ sql, why, lock, table }, transaction: `parity ${name}` }))
  }

  #unique({ keys, include, nullsNotDistinct }: ParityIndex): string {
    const list = (columns: readonly (string | null)[]) =>
      columns.flatMap((column) => (column === null ? [] : [quoteIdentifier(this.#context.column(column))])).join(', ')
    const more = include.length === 0 ? '' : ` INCLUDE (${list(include)})`
    return `UNIQUE${nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''} (${list(keys.map(({ column }) => column))})${more}`
  }

  /** The constraint on a unique index that is there: an instant. */
  #constrain({ template, member, name }: Place, there: ParityIndex | undefined): void {
    const constraint = this.#constraint
    if (constraint === undefined || (there?.constraint ?? null) !== null) return
    const table = qualified(member.schema, member.name)
    const sql = `ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(name)} UNIQUE USING INDEX ${quoteIdentifier(name)}${timingOf(constraint)}`
    const why = `${template.name} is a constraint, too.`
    this.#actions.push(
      this.#context.action({ ...{ sql, why, table, lock: 'ACCESS EXCLUSIVE' }, transaction: `parity ${name}` }),
    )
  }

  #attach(
    child: { readonly name: string; readonly oid: number | undefined },
    {
      place: { member, name },
      partition,
      to,
    }: { readonly place: Place; readonly partition: ParityMember; readonly to: number | undefined },
  ): void {
    const { facts } = this.#context
    const parent = facts.indexes.find(({ oid }) => oid === child.oid)?.parent ?? null
    if (parent !== null && parent === to) return
    const sql = `ALTER INDEX ${qualified(member.schema, name)} ATTACH PARTITION ${qualified(partition.schema, child.name)}`
    const [table, why] = [qualified(partition.schema, partition.name), `The part of ${name} for this partition.`]
    this.#actions.push(
      this.#context.action({
        ...{ sql, why, table, lock: 'SHARE UPDATE EXCLUSIVE' },
        transaction: `parity ${child.name}`,
      }),
    )
  }

  /** What CREATE INDEX cannot say. */
  #finish({ template, member, name }: Place, there: ParityIndex | undefined): void {
    const table = qualified(member.schema, member.name)
    const index = qualified(member.schema, name)
    const common = { table, transaction: `parity ${name}`, lock: 'SHARE UPDATE EXCLUSIVE' } as const
    const add = (sql: string, why: string) => this.#actions.push(this.#context.action({ ...common, sql, why }))
    for (const [position, { statistics }] of template.keys.entries())
      if (statistics !== null && there?.keys[position]?.statistics !== statistics)
        add(
          `ALTER INDEX ${index} ALTER COLUMN ${position + 1} SET STATISTICS ${statistics}`,
          'As many statistics of its expression.',
        )
    if (template.comment !== null && (there?.comment ?? null) === null)
      add(`COMMENT ON INDEX ${index} IS ${literal(template.comment)}`, `The comment of ${template.name}.`)
    const { comment = null } = this.#constraint ?? {}
    const made = this.#context.facts.constraints.find(({ oid }) => oid === there?.constraint)
    if (comment !== null && member.oid === this.#index.member && (made?.comment ?? null) === null)
      add(
        `COMMENT ON CONSTRAINT ${quoteIdentifier(name)} ON ${table} IS ${literal(comment)}`,
        `The comment of ${template.name}.`,
      )
  }
}

interface Place {
  readonly template: ParityIndex
  readonly member: ParityMember
  readonly name: string
}
