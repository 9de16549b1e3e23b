import { type Migration, quoteIdentifier } from '@expand-contract/core'
import { expressionShape, renamedColumns } from '@expand-contract/sql'
import type { Action, Estimate, LockLevel } from '../action.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { alikeTypes, type ColumnPair, columnPairs, isAlike } from './column-pairs.ts'
import { counterpartNames } from './counterpart-names.ts'
import type { ForPeople, Later, ParityKind } from './parity.ts'
import type { ParityFacts, ParityMember } from './parity-facts.ts'

/** One thing of the old columns, and what is to be done so that the new ones have it, too. */
export interface ParityPart {
  readonly kind: ParityKind
  /** Its name, as it is or will be. */
  readonly what: string
  /** In the transaction that adds the columns, or as soon as they are there. @defaultValue none */
  readonly withColumns?: readonly Action[]
  /** When the rows are filled; without both, it is there. */
  readonly actions: readonly Action[]
}

interface NewAction {
  readonly sql: string
  readonly why: string
  readonly lock: LockLevel
  readonly table: string
  /** undefined: outside of a transaction. */
  readonly transaction: string | undefined
  readonly estimate?: Estimate
  readonly undo?: string
}

interface NameOptions {
  readonly of?: 'check' | 'other'
  /** What has it may be replaced, or is in nobody's way. */
  readonly own?: (name: string) => boolean
  /** Something of its own kind has it: constraints of one table. */
  readonly used?: (name: string) => boolean
}

/** What the comparison of one table works with. */
export class ParityContext {
  readonly shape: SyncShape
  readonly facts: ParityFacts
  readonly pairs: readonly ColumnPair[]
  readonly oldNames: ReadonlySet<string>
  readonly newNames: ReadonlySet<string>
  readonly forPeople: ForPeople[] = []
  readonly later: Later[] = []
  /** What the role has to be granted, as GRANT says it. */
  readonly lacking = new Set<string>()
  /** Invalid indexes that builds of ours have left behind. */
  readonly leftovers = new Set<number>()
  readonly #toNew: ReadonlyMap<string, string>
  readonly #asNew: ReadonlyMap<string, string>
  readonly #alike: ReadonlySet<string>
  readonly #used = new Set<string>()

  constructor(shape: SyncShape, facts: ParityFacts) {
    this.shape = shape
    this.facts = facts
    this.pairs = columnPairs(shape)
    this.oldNames = new Set(shape.old.map(({ name }) => name))
    this.newNames = new Set(shape.new.map(({ name }) => name))
    this.#toNew = new Map(this.pairs.map((pair) => [pair.old, pair.new]))
    this.#alike = alikeTypes(this.pairs)
    this.#asNew = new Map(shape.new.map(({ name }) => [name, name]))
  }

  get migration(): Migration {
    return this.shape.migration
  }

  /** It reads an old column, and no new one: that would be a counterpart itself. */
  concerns(columns: readonly string[]): boolean {
    return columns.some((name) => this.oldNames.has(name)) && !this.isNew(columns)
  }

  /** It reads a new column. */
  isNew(columns: readonly string[]): boolean {
    return columns.some((name) => this.newNames.has(name))
  }

  /** The pairs of its old columns; undefined where one of them has no counterpart of its own. */
  pairsOf(columns: readonly string[]): readonly ColumnPair[] | undefined {
    const olds = [...new Set(columns)].filter((name) => this.oldNames.has(name))
    const pairs = olds.flatMap((name) => this.pairs.find(({ old }) => old === name) ?? [])
    return pairs.length === olds.length ? pairs : undefined
  }

  /** The name that the declaration gives to the counterpart. */
  declaredName(old: string): string | undefined {
    const { constraints } = this.migration
    return Object.hasOwn(constraints, old) ? constraints[old] : undefined
  }

  column(name: string): string {
    return this.#toNew.get(name) ?? name
  }

  /** An expression over the old columns, over the new ones. */
  expression(text: string): string {
    return this.#renamed(text, this.#toNew)
  }

  /** An expression reads a column. */
  names(text: string, column: string): boolean {
    return this.#renamed(text, new Map([[column, `${column} `]])) !== text
  }

  /**
   * The pairs that an expression names, and of which PostgreSQL might take another operator or function, or none, for the new type. A function
   * of int4 alone takes no int8; those of text take a varchar.
   */
  unlike(text: string): readonly ColumnPair[] {
    const plain = text.replaceAll(/'(?:[^']|'')*'/gu, "''")
    const foreign = /[\w"]\s*\.\s*[\w"]/u.test(plain)
    const calls = /[\w"]\(/u.test(plain)
    return this.pairs.filter((pair) => {
      if (pair.kind === 'same' || !this.names(text, pair.old)) return false
      return !isAlike(pair) || foreign || (calls && !TEXTS.has(pair.oldType))
    })
  }

  /** Texts of both sides that are equal where they mean the same. */
  comparable(text: string, side: 'old' | 'new'): string {
    let told = this.#renamed(text, side === 'old' ? this.#toNew : this.#asNew)
    for (const pair of this.pairs)
      if (pair.kind !== 'same')
        // PostgreSQL casts a varchar to text where the new column is one.
        told = told.replaceAll(
          new RegExp(String.raw`\(${escaped(quoteIdentifier(pair.new))}\)::[a-z]\w*(?: varying| precision)?`, 'gu'),
          quoteIdentifier(pair.new),
        )
    return expressionShape(told, this.#alike) ?? told
  }

  #renamed(text: string, names: ReadonlyMap<string, string>): string {
    return renamedColumns(text, names) ?? text
  }

  member(oid: number): ParityMember {
    const found = this.facts.members.find((member) => member.oid === oid)
    if (found === undefined) throw new RangeError(`${oid} is no member`)
    return found
  }

  tableOf(oid: number): string {
    const { schema, name } = this.member(oid)
    return qualified(schema, name)
  }

  /** The first name that nothing else has; undefined where a name of the declaration is another's. */
  name(
    schema: string,
    old: string,
    { of = 'other', own = () => false, used = () => false }: NameOptions = {},
  ): string | undefined {
    const found = counterpartNames(this.migration, old, of).find((name) => {
      const place = `${schema}.${name}`
      return !this.#used.has(place) && !used(name) && (own(name) || !this.facts.taken.includes(place))
    })
    if (found !== undefined) this.#used.add(`${schema}.${found}`)
    return found
  }

  action({ table, ...action }: NewAction): Action {
    return {
      ...{ kind: 'sql', migration: this.migration.id, estimate: { kind: 'instant' }, tables: [table] },
      ...action,
    }
  }

  scan(member: ParityMember): Estimate {
    const all = this.facts.members.filter(({ oid }) => oid === member.oid || member.kind === 'p')
    const sum = (of: 'rows' | 'bytes') => all.reduce((total, each) => total + Math.max(0, each[of]), 0)
    return { kind: 'scan', rows: sum('rows'), bytes: sum('bytes') }
  }
}

const TEXTS = new Set(['text', 'varchar'])

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`)
