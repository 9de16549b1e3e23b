import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { qualified } from '../sql/sync-names.ts'
import { isAlike } from './column-pairs.ts'
import { commentOn, listOf } from './constraint-comment.ts'
import { oneOfEach } from './one-of-each.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { ParityConstraint, ParityMember } from './parity-facts.ts'

/** Foreign keys from the table. */
export function foreignKeyParity(context: ParityContext): readonly ParityPart[] {
  const all = context.facts.constraints.filter((key) => key.type === 'f' && key.own && context.concerns(key.columns))
  const keyOf = (key: ParityConstraint): string =>
    JSON.stringify([key.member, signature(key, (name) => name), context.declaredName(key.name)])
  return oneOfEach(all, keyOf, ({ validated }) => validated).flatMap((key) => {
    const member = context.facts.members.find(({ oid }) => oid === key.member)
    if (member === undefined) return []
    const there = sameForeignKey(context, key, member)
    const why = there === undefined ? foreignKeyReason(context, key) : undefined
    if (why === undefined) return [new ForeignKeyPart(context, key).part(member)]
    const sql = `-- the same over ${listOf([...context.newNames])}, as it fits them; add it NOT VALID, then VALIDATE it:\n-- ${key.definition}`
    context.forPeople.push({ what: `foreign key ${key.name}`, why, sql, before: 'switch' })
    return []
  })
}

function foreignKeyReason(context: ParityContext, { columns, references }: ParityConstraint): string | undefined {
  const pairs = context.pairsOf(columns)
  if (pairs === undefined) return `its columns have no counterpart of their own in ${context.migration.id}`
  const other = pairs.find((pair) => !isAlike(pair))
  if (other !== undefined) return `${other.new} has another type than the column that it points at`
  return references?.onDelete === 'd' || references?.onUpdate === 'd'
    ? 'it sets a default, and the new column has none as long as the old one is written'
    : undefined
}

/** `ON UPDATE` and `ON DELETE`, by their letters in the catalog. */
const ACTIONS: Readonly<Record<string, string>> = { r: 'RESTRICT', c: 'CASCADE', n: 'SET NULL', d: 'SET DEFAULT' }

/** The end of a foreign key, from its parentheses on. */
export function foreignKeyText(
  key: ParityConstraint,
  {
    columns,
    table,
    to,
  }: { readonly columns: readonly string[]; readonly table: string; readonly to: readonly string[] },
): string {
  const { references } = key
  const { match = 's', onUpdate = 'a', onDelete = 'a', deleted = [] } = references ?? {}
  const [update, remove] = [ACTIONS[onUpdate], ACTIONS[onDelete]]
  const names = new Map(key.columns.map((name, index) => [name, columns[index] ?? name]))
  const set = deleted.length === 0 ? '' : ` (${listOf(deleted.map((name) => names.get(name) ?? name))})`
  const list = (names: readonly string[]): string =>
    references?.period ? `${listOf(names.slice(0, -1))}, PERIOD ${listOf(names.slice(-1))}` : listOf(names)
  return [
    `FOREIGN KEY (${list(columns)}) REFERENCES ${table} (${list(to)})`,
    match === 'f' ? ' MATCH FULL' : '',
    update === undefined ? '' : ` ON UPDATE ${update}`,
    remove === undefined ? '' : ` ON DELETE ${remove}${set}`,
    key.deferrable ? ` DEFERRABLE${key.deferred ? ' INITIALLY DEFERRED' : ''}` : '',
  ].join('')
}

function sameForeignKey(
  context: ParityContext,
  key: ParityConstraint,
  member: ParityMember,
): ParityConstraint | undefined {
  const wanted = signature(key, (name) => context.column(name))
  return context.facts.constraints.find(
    (each) =>
      each.type === 'f' &&
      each.member === member.oid &&
      each.oid !== key.oid &&
      signature(each, (name) => name) === wanted,
  )
}

const signature = (each: ParityConstraint, map: (name: string) => string): string =>
  JSON.stringify([
    ...[each.columns.map(map), each.deferrable, each.deferred, each.enforced],
    each.references && { ...each.references, deleted: each.references.deleted.map(map) },
  ])

class ForeignKeyPart {
  readonly #context: ParityContext
  readonly #key: ParityConstraint
  readonly #actions: Action[] = []
  readonly #name: string

  constructor(context: ParityContext, key: ParityConstraint) {
    this.#context = context
    this.#key = key
    const { facts } = context
    const member = context.member(key.member)
    const taken = (name: string) =>
      facts.constraints.some((each) => each.name === name && facts.members.some(({ oid }) => oid === each.member))
    this.#name =
      sameForeignKey(context, key, member)?.name ??
      // A run that has ended early may have got no further than to a partition.
      facts.members.map((each) => sameForeignKey(context, key, each)?.name).find((name) => name !== undefined) ??
      context.name(member.schema, key.name, { own: () => true, used: taken }) ??
      `${key.name}_new`
  }

  part(member: ParityMember): ParityPart {
    this.#make(member)
    const there = sameForeignKey(this.#context, this.#key, member)
    this.#actions.push(...commentOn(this.#context, this.#key, { name: this.#name, there }))
    return { kind: 'foreign key', what: `foreign key ${this.#name}`, actions: this.#actions }
  }

  /** Before PostgreSQL 18 that of a partitioned table cannot be NOT VALID: it takes those of its partitions over, at once. */
  #make(member: ParityMember): void {
    const there = sameForeignKey(this.#context, this.#key, member)
    if (member.kind === 'p') {
      if (there !== undefined) return
      // From 18 on, where the old one is such.
      if (!this.#key.validated) {
        this.#add(member, this.#key.enforced ? ' NOT VALID' : ' NOT ENFORCED')
        return
      }
      for (const partition of this.#context.facts.members)
        if (partition.parent === member.oid && partition.kind !== 'f') this.#make(partition)
      this.#add(member, '')
      return
    }
    if (there === undefined) this.#add(member, this.#key.enforced ? ' NOT VALID' : ' NOT ENFORCED')
    if (this.#key.validated && this.#key.enforced && there?.validated !== true)
      this.#validate(member, there?.name ?? this.#name)
  }

  get #referenced(): string {
    const { schema = '', table = '' } = this.#key.references ?? {}
    return qualified(schema, table)
  }

  #add(member: ParityMember, valid: string): void {
    const table = qualified(member.schema, member.name)
    const { references, columns: olds } = this.#key
    if (references?.mayRefer === false) this.#context.lacking.add(`REFERENCES ON TABLE ${this.#referenced}`)
    const columns = olds.map((name) => this.#context.column(name))
    const text = foreignKeyText(this.#key, { columns, table: this.#referenced, to: references?.columns ?? [] })
    const action = this.#context.action({
      ...{ sql: `ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(this.#name)} ${text}${valid}`, table },
      ...{ lock: 'SHARE ROW EXCLUSIVE', transaction: `parity ${this.#name} ${member.name}` },
      why: `What ${this.#key.name} is to the old column.`,
    })
    // To lock a table needs more than to point at it.
    this.#actions.push(references?.owned ? { ...action, tables: [...new Set([table, this.#referenced])] } : action)
  }

  #validate(member: ParityMember, name: string): void {
    const table = qualified(member.schema, member.name)
    this.#actions.push(
      this.#context.action({
        ...{ sql: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`, table },
        ...{ lock: 'SHARE UPDATE EXCLUSIVE', transaction: `parity ${name} ${member.name} validated` },
        ...{ estimate: this.#context.scan(member), why: 'Looks at all rows, beside readers and writers.' },
      }),
    )
  }
}
