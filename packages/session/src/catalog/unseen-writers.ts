import type { Migration, WarningEvent } from '@expand-contract/core'
import type { Relation } from '@expand-contract/sql'
import type { Asking } from '../own-query/own-query.ts'
import { type FoundWrites, type FunctionCall, foundWrites, type WriteSearch } from './found-writes.ts'
import { FUNCTIONS_QUERY, WRITERS_QUERY } from './writers-query.ts'

/** How deep calls of functions are followed; each level is one query. */
const MAX_DEPTH = 5

/** A trigger or rule that may write a migrating table where no plan sees it. */
export interface UnseenWriter {
  readonly table: Relation
  readonly name: string
  /** `AFTER UPDATE trigger "touch"`, with the relation where that is not the table. */
  readonly what: string
  /** `calls bump(), which updates "name"` */
  readonly seen: string
}

interface WriterContent {
  readonly top: number
  readonly schema: string
  readonly relation: string
  readonly view: boolean
  readonly name: string
  /** pg_trigger.tgtype; null for a rule. */
  readonly type: number | null
  /** pg_rewrite.ev_type; null for a trigger. */
  readonly event: string | null
  /** null for a rule, whose text has all names qualified. */
  readonly functionSchema: string | null
  readonly language: string
  readonly source: string
}

interface FunctionContent {
  readonly schema: string
  readonly name: string
  readonly language: string
  readonly source: string
}

interface WritersContent {
  readonly relations: readonly { readonly top: number; readonly schema: string; readonly name: string }[] | null
  readonly writers: readonly WriterContent[] | null
  readonly rules: readonly WriterContent[] | null
}

/** The triggers and rules that may write the tables, and are not refused when a statement is planned. */
export function* unseenWriters(tables: readonly Relation[]): Asking<readonly UnseenWriter[]> {
  const { rows } = yield { text: WRITERS_QUERY, values: [tables.map(({ oid }) => oid)] }
  const { relations, writers, rules }: WritersContent = JSON.parse(rows[0]?.found ?? '{}')
  const candidates = [...(writers ?? []), ...(rules ?? [])].flatMap((writer) => {
    const table = tables.find(({ oid }) => oid === writer.top)
    if (table === undefined || isRefused(writer, table)) return []
    const search: WriteSearch = {
      relations: (relations ?? []).filter(({ top }) => top === writer.top),
      columns: columnsOf(table),
      trigger: { schema: writer.schema, name: writer.relation },
    }
    return [{ writer, table, search, found: foundWrites(writer, search) }]
  })
  const library = yield* calledFunctions(candidates.flatMap(({ found }) => found.calls))
  return candidates.flatMap(({ writer, table, search, found }) => {
    const behind = writesBehind({ ...found, schema: writer.functionSchema }, library, search)
    const [seen] = [...found.writes, ...behind]
    return seen === undefined ? [] : [{ table, name: writer.name, what: describe(writer, table), seen }]
  })
}

/** Of the migrations that no sync trigger keeps in step. */
const unguarded = ({ migrations }: Relation): readonly Migration[] =>
  migrations.flatMap(({ migration, syncTrigger }) => (syncTrigger ? [] : [migration]))

const columnsOf = (table: Relation): readonly string[] =>
  unguarded(table).flatMap((migration) => [...migration.old, ...migration.new].map(({ name }) => name))

/** INSERT and UPDATE are not sent while such a trigger of the table names a migrating column; rules of the table neither. */
function isRefused({ name, type, event, view }: WriterContent, table: Relation): boolean {
  if (view) return false
  if (type === null ? event === '4' : (type & (DELETE | TRUNCATE)) !== 0) return false
  const columns = columnsOf(table)
  return table.triggers.some((each) => each.name === name && each.mentions.some((column) => columns.includes(column)))
}

/** The functions that are called, and those that these call. */
function* calledFunctions(called: readonly FunctionCall[]): Asking<readonly FunctionContent[]> {
  const functions: FunctionContent[] = []
  const asked = new Set<string>()
  let names = [...new Set(called.map(({ name }) => name))]
  for (let depth = 0; depth < MAX_DEPTH && names.length > 0; depth++) {
    for (const name of names) asked.add(name)
    const { rows } = yield { text: FUNCTIONS_QUERY, values: [names] }
    const found: readonly FunctionContent[] = JSON.parse(rows[0]?.found ?? '[]')
    functions.push(...found)
    // What these call does not depend on what is looked for.
    const calls = found.flatMap((each) => foundWrites(each, NOTHING).calls)
    names = [...new Set(calls.map(({ name }) => name))].filter((name) => !asked.has(name))
  }
  return functions
}

const NOTHING: WriteSearch = { relations: [], columns: [], trigger: { schema: '', name: '' } }

interface Caller extends FoundWrites {
  readonly schema: string | null
}

function writesBehind(
  caller: Caller,
  library: readonly FunctionContent[],
  search: WriteSearch,
  open: ReadonlySet<FunctionContent> = new Set(),
): readonly string[] {
  const called = [...new Set(caller.calls.flatMap((call) => meant(call, caller, library)))]
  return called.flatMap((each) => {
    if (open.has(each)) return []
    const found = foundWrites(each, search)
    const behind = writesBehind({ ...found, schema: each.schema }, library, search, new Set([...open, each]))
    return [...found.writes, ...behind].map((what) => `calls ${each.name}(), which ${what}`)
  })
}

/** Without a schema those beside the caller, if there are any: which search path it will run with is not known. */
function meant(
  { schema, name }: FunctionCall,
  caller: Caller,
  library: readonly FunctionContent[],
): readonly FunctionContent[] {
  const named = library.filter((each) => each.name === name && (schema === undefined || each.schema === schema))
  const beside = named.filter((each) => each.schema === caller.schema)
  return beside.length > 0 ? beside : named
}

const [ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE, INSTEAD] = [1, 2, 4, 8, 16, 32, 64]

/** pg_trigger.tgtype in words: catalog/pg_trigger.h. */
function describe({ name, type, event, schema, relation }: WriterContent, table: Relation): string {
  const place = relation === table.name && schema === table.schema ? '' : ` of ${schema}.${relation}`
  if (type === null) return `the rule ${JSON.stringify(name)} (ON ${RULE_EVENTS[event ?? ''] ?? 'a write'})${place}`
  const time = type & INSTEAD ? 'INSTEAD OF' : type & BEFORE ? 'BEFORE' : 'AFTER'
  const events = [
    ...(type & INSERT ? ['INSERT'] : []),
    ...(type & UPDATE ? ['UPDATE'] : []),
    ...(type & DELETE ? ['DELETE'] : []),
    ...(type & TRUNCATE ? ['TRUNCATE'] : []),
  ]
  return `the trigger ${JSON.stringify(name)} (${time} ${events.join(' OR ')}${type & ROW ? '' : ', once per statement'})${place}`
}

const RULE_EVENTS: Readonly<Record<string, string>> = { '2': 'UPDATE', '3': 'INSERT', '4': 'DELETE' }

/** One warning for each table. */
export function unseenWriterWarnings(writers: readonly UnseenWriter[]): readonly (WarningEvent & { table: string })[] {
  return [...Map.groupBy(writers, ({ table }) => table)].map(([table, found]) => {
    const migrations = unguarded(table).map(({ id }) => id)
    const seen = found.map(({ what, seen: does }) => `${what} ${does}`).join('; ')
    return {
      code: 'unseen-writer',
      table: `${table.schema}.${table.name}`,
      migration: migrations[0],
      message: `The table ${table.schema}.${table.name} may be written where the library cannot see it: ${seen}. A value that is written so to one column of ${migrations.join(', ')} does not reach the other one. Write both columns there, or do it in the application, or install the sync trigger (docs/sync-trigger.md).`,
    }
  })
}
