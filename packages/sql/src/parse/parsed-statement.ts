import type { FuncCall, InsertStmt, MergeWhenClause, Node, OnConflictClause, RangeVar, TypeName } from 'libpg-query'
import { carriedQuery, type SentAsItIs } from './carried-query.ts'
import { nameStrings } from './name-strings.ts'
import type { NodeKind, NodeOf, Same } from './node-kind.ts'

/** One statement of a text, with what is asked of it again and again. */
export interface ParsedStatement {
  readonly node: Node
  /** The query that it is or carries; undefined for one that is never rewritten. */
  readonly query: Node | undefined
  /** Every table that the query names, those that turn out to be common table expressions included. */
  readonly named: readonly RangeVar[]
  /** The tables that it writes, at its own level or in a common table expression. */
  readonly written: readonly RangeVar[]
  /** Those among them that may get new rows. */
  readonly insertsInto: readonly RangeVar[]
  /** Its INSERTs with ON CONFLICT that names what conflicts. */
  readonly upserts: readonly InsertStmt[]
  /** Those from which rows may go. */
  readonly deletesFrom: readonly RangeVar[]
  /** Those whose columns SET assigns, each with one of the columns. */
  readonly assigned: readonly AssignedColumn[]
  /** Those whose columns an INSERT or COPY lists, each with one of the columns. */
  readonly listed: readonly AssignedColumn[]
  /** The constraints that SET CONSTRAINTS names. */
  readonly constraints: readonly RangeVar[]
  /** Names of types, other than PostgreSQL's own by their schema: each may be that of a table's rows. */
  readonly types: readonly TypeName[]
  /** The functions that it calls. */
  readonly called: readonly FuncCall[]
  /** DEFAULT stands somewhere in it as a value. */
  readonly namesDefault: boolean
  /** How many levels its tree has, lists included; at least 1. */
  readonly depth: number
}

export interface AssignedColumn {
  readonly relation: RangeVar
  readonly column: string
}

export function readStatement(node: Node): ParsedStatement {
  const query = carriedQuery(node)
  const tables: Tables = {
    ...{
      named: [],
      written: [],
      insertsInto: [],
      upserts: [],
      deletesFrom: [],
      assigned: [],
      listed: [],
      called: [],
      constraints: [],
      types: [],
    },
    namesDefault: false,
    depth: 1,
  }
  if (query && 'ConstraintsSetStmt' in query) {
    const names = query.ConstraintsSetStmt.constraints ?? []
    tables.constraints.push(...names.flatMap((name) => ('RangeVar' in name ? [name.RangeVar] : [])))
  } else if (query) collect(query, tables)
  return { node, query, ...tables }
}

interface Tables {
  readonly named: RangeVar[]
  readonly written: RangeVar[]
  readonly insertsInto: RangeVar[]
  readonly upserts: InsertStmt[]
  readonly deletesFrom: RangeVar[]
  readonly assigned: AssignedColumn[]
  readonly listed: AssignedColumn[]
  readonly constraints: RangeVar[]
  readonly types: TypeName[]
  readonly called: FuncCall[]
  namesDefault: boolean
  depth: number
}

/** Kinds that hold no table: leaving them out makes a long list of values cheap. */
const LEAVES = new Set(['A_Const', 'ParamRef', 'ColumnRef', 'TypeName', 'String'])

/** What is left to be looked at; the next one is the last. A tree may be deeper than the stack. */
class Pending {
  readonly #kinds: string[] = []
  readonly #values: unknown[] = []
  readonly #depths: number[] = []

  /** The parts of a node, in the order of the text. */
  push(node: unknown, depth: number): void {
    if (typeof node !== 'object' || node === null) return
    const record = node as Readonly<Record<string, unknown>>
    const kinds = Array.isArray(node) ? undefined : Object.keys(record)
    for (let index = (kinds ?? (node as readonly unknown[])).length - 1; index >= 0; index--) {
      const kind = kinds?.[index] ?? ''
      if (LEAVES.has(kind)) continue
      this.#kinds.push(kind)
      this.#values.push(kinds === undefined ? (node as readonly unknown[])[index] : record[kind])
      this.#depths.push(depth)
    }
  }

  pop(): { readonly kind: string; readonly value: unknown; readonly depth: number } | undefined {
    const kind = this.#kinds.pop()
    return kind === undefined ? undefined : { kind, value: this.#values.pop(), depth: this.#depths.pop() ?? 0 }
  }
}

function collect(root: Node, tables: Tables): void {
  const pending = new Pending()
  pending.push(root, 1)
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { kind, value, depth } = next
    if (depth > tables.depth) tables.depth = depth
    if (kind === 'SetToDefault') tables.namesDefault = true
    else if (kind === 'typeName') {
      const { names } = value as TypeName
      if (nameStrings(names)[0] !== 'pg_catalog') tables.types.push(value as TypeName)
    } else if (kind === 'RangeVar') tables.named.push(value as RangeVar)
    else if (WRITES.has(kind)) pending.push(written(kind, value as Change, tables), depth + 1)
    else {
      if (kind === 'FuncCall') tables.called.push(value as FuncCall)
      pending.push(value, depth + 1)
    }
  }
}

type Values<Of> = Of[keyof Of]

/** Kinds in which a table stands without saying that it is one, in what is not sent as it is. */
type HoldsTable = Exclude<
  Values<{
    [K in NodeKind]: true extends Values<{ [F in keyof NodeOf<K>]-?: Same<NonNullable<NodeOf<K>[F]>, RangeVar> }>
      ? K
      : never
  }>,
  SentAsItIs
>

/** What is done to that table: it may get rows, or has those that it has written; or it is none that is named here. */
const TABLES: Readonly<Record<HoldsTable, 'grows' | 'changes' | 'nothing'>> = {
  CopyStmt: 'grows',
  DeleteStmt: 'changes',
  InsertStmt: 'grows',
  MergeStmt: 'grows',
  UpdateStmt: 'changes',
  // The table that SELECT INTO makes.
  IntoClause: 'nothing',
  // Parts of definitions.
  ColumnDef: 'nothing',
  Constraint: 'nothing',
  PartitionCmd: 'nothing',
  PublicationTable: 'nothing',
  TableLikeClause: 'nothing',
  VacuumRelation: 'nothing',
}

const kindsThat = (...effects: readonly string[]): ReadonlySet<string> =>
  new Set(Object.entries(TABLES).flatMap(([kind, effect]) => (effects.includes(effect) ? [kind] : [])))

const ADDS_ROWS = kindsThat('grows')
const WRITES = kindsThat('grows', 'changes')

/** Statements that write the table that they hold. */
interface Change {
  readonly relation?: RangeVar
  readonly is_from?: boolean
  readonly targetList?: readonly Node[]
  readonly cols?: readonly Node[]
  readonly attlist?: readonly Node[]
  readonly onConflictClause?: Pick<OnConflictClause, 'infer'> & { readonly targetList?: readonly Node[] }
  readonly mergeWhenClauses?: readonly Node[]
}

/** Notes the table that a statement writes, and hands out the rest of it. */
function written(kind: string, change: Change, tables: Tables): Omit<Change, 'relation'> {
  const { relation, ...rest } = change
  if (relation) {
    tables.named.push(relation)
    if (kind !== 'CopyStmt' || change.is_from) {
      tables.written.push(relation)
      if (ADDS_ROWS.has(kind)) tables.insertsInto.push(relation)
      if (change.onConflictClause?.infer) tables.upserts.push(change as InsertStmt)
      const whens = mergeClauses(change)
      if (kind === 'DeleteStmt' || whens.some(({ commandType }) => commandType === 'CMD_DELETE'))
        tables.deletesFrom.push(relation)
      for (const column of assignedColumns(kind, change)) tables.assigned.push({ relation, column })
      for (const column of listedColumns(change)) tables.listed.push({ relation, column })
    }
  }
  return rest
}

function mergeClauses({ mergeWhenClauses }: Change): readonly MergeWhenClause[] {
  return (mergeWhenClauses ?? []).flatMap((node) => ('MergeWhenClause' in node ? [node.MergeWhenClause] : []))
}

/** The columns that SET lists. */
function assignedColumns(kind: string, change: Change): readonly string[] {
  const updates = mergeClauses(change).filter(({ commandType }) => commandType === 'CMD_UPDATE')
  const lists = [kind === 'UpdateStmt' ? change : {}, change.onConflictClause, ...updates]
  return targetNames(lists.flatMap((list) => list?.targetList ?? []))
}

/** The columns that stand in brackets behind the table, or behind INSERT in a MERGE. */
function listedColumns(change: Change): readonly string[] {
  const inserts = mergeClauses(change).filter(({ commandType }) => commandType === 'CMD_INSERT')
  const items = [...(change.cols ?? []), ...inserts.flatMap(({ targetList }) => targetList ?? [])]
  return [...targetNames(items), ...nameStrings(change.attlist)]
}

const targetNames = (items: readonly Node[]): readonly string[] =>
  items.flatMap((item) => ('ResTarget' in item ? [item.ResTarget.name ?? ''] : []))

/** The table whose rows a type would be; undefined for a name that no table can have. */
export function tableOfType({ names }: Pick<TypeName, 'names'>): RangeVar | undefined {
  const [relname, schemaname, ...others] = nameStrings(names).toReversed()
  if (relname === undefined || others.length > 0) return undefined
  return schemaname === undefined ? { relname } : { relname, schemaname }
}
