import { type ParserPlugin, parse } from '@babel/parser'
import type { CallExpression, Expression, File, Node } from '@babel/types'
import type { NamedTable } from '@expand-contract/sql'
import type { FileStep, ReadFile } from './file-change.ts'
import type { Place } from './finding.ts'
import { readSql } from './sql-file.ts'

/** Whether a file of JavaScript or TypeScript is a migration of TypeORM: a class with `up(queryRunner)`. */
export const isTypeormMigration = (file: string, text: string): boolean =>
  /\.[cm]?[jt]s$/u.test(file) && /queryRunner/iu.test(text) && /\bup\s*\(/u.test(text)

/**
 * What the `up` of TypeORM's migrations does: the SQL that it hands to `query`, as far as it stands in the file, and the calls that change
 * columns. What it takes from variables is told as unread.
 */
export function readTypeormFile(file: string, text: string): ReadFile {
  const tree = treeOf(file, text)
  if (tree === undefined) return { changes: [], unread: [{ file, text, start: 0, end: 0 }] }
  const read: ReadFile[] = []
  for (const body of methodsNamedUp(tree.program))
    for (const call of callsIn(body)) read.push(readCall(file, text, call))
  return { changes: read.flatMap(({ changes }) => changes), unread: read.flatMap(({ unread }) => unread) }
}

function treeOf(file: string, text: string): File | undefined {
  const plugins: ParserPlugin[] = /ts$/u.test(file) ? ['typescript', 'decorators-legacy'] : ['decorators-legacy']
  try {
    return parse(text, { sourceType: 'unambiguous', plugins, allowReturnOutsideFunction: true })
  } catch {
    return undefined
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesIn(child)
}

function* methodsNamedUp(node: Node): Generator<Node> {
  for (const each of nodesIn(node)) {
    const named = each.type === 'ClassMethod' || each.type === 'ObjectMethod' || each.type === 'ClassProperty'
    if (!named || each.key.type !== 'Identifier' || each.key.name !== 'up') continue
    if (each.type !== 'ClassProperty') yield each.body
    else if (each.value) yield each.value
  }
}

function* callsIn(node: Node): Generator<CallExpression> {
  for (const each of nodesIn(node)) if (each.type === 'CallExpression') yield each
}

function readCall(file: string, text: string, call: CallExpression): ReadFile {
  const { callee, arguments: args } = call
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return NOTHING
  const method = callee.property.name
  const place: Place = { file, text, ...rangeOf(call), statement: rangeOf(call) }
  const [first] = args
  if (method === 'query') return first === undefined ? NOTHING : readQuery(place, first as Expression)
  const change = CALLS[method]
  if (change === undefined) return NOTHING
  const names = args.map((arg) => namesOf(arg as Expression))
  const changes = change(names)
  return changes === undefined
    ? { changes: [], unread: [place] }
    : { changes: changes.map((each) => ({ ...each, place })), unread: [] }
}

const NOTHING: ReadFile = { changes: [], unread: [] }

const rangeOf = ({ start, end }: Node): { readonly start: number; readonly end: number } => ({
  start: start ?? 0,
  end: end ?? 0,
})

function readQuery(place: Place, argument: Expression): ReadFile {
  const literal = literalOf(argument, place.text)
  if (literal === undefined) return { changes: [], unread: [place] }
  const { sql, starts } = literal
  // Offsets are those of the file where nothing was escaped; where something was, the literal is the place.
  const inFile = (offset: number): number => {
    const part = starts.findLast(({ from }) => from <= offset) ?? starts[0]
    return part === undefined ? place.start : part.exact ? part.at + offset - part.from : part.at
  }
  return readSql({ ...place, ...rangeOf(argument) }, inFile, sql)
}

interface Literal {
  readonly sql: string
  /** The parts that it was put together from: `from` in the SQL, `at` in the file. */
  readonly starts: readonly { readonly from: number; readonly at: number; readonly exact: boolean }[]
}

/** The text of a literal, of a template whose expressions become a name of the same length, and of what `+` joins. */
function literalOf(node: Expression, text: string): Literal | undefined {
  const { start, end } = rangeOf(node)
  const inner = text.slice(start + 1, end - 1)
  if (node.type === 'StringLiteral')
    return { sql: node.value, starts: [{ from: 0, at: start + 1, exact: node.value === inner }] }
  if (node.type === 'TaggedTemplateExpression') return literalOf(node.quasi, text)
  if (node.type === 'TemplateLiteral') {
    const filled = node.expressions.reduceRight((sql, each) => {
      const range = rangeOf(each)
      const [from, to] = [text.lastIndexOf('${', range.start) - start - 1, text.indexOf('}', range.end) - start]
      return sql.slice(0, from) + UNKNOWN.repeat(to - from) + sql.slice(to)
    }, inner)
    return {
      sql: filled.replaceAll(/\\(?=[`$\\])/gu, ''),
      starts: [{ from: 0, at: start + 1, exact: !filled.includes('\\') }],
    }
  }
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return undefined
  const [left, right] = [literalOf(node.left as Expression, text), literalOf(node.right, text)]
  if (left === undefined || right === undefined) return undefined
  const starts = right.starts.map((part) => ({ ...part, from: part.from + left.sql.length }))
  return { sql: left.sql + right.sql, starts: [...left.starts, ...starts] }
}

/** Stands for what only the running program knows. */
const UNKNOWN = '_'

/** What an argument names: a literal, the `name` of an object or of a class that is made here, or a list of these. */
function namesOf(node: Expression): readonly string[] | undefined {
  if (node.type === 'StringLiteral') return [node.value]
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return [node.quasis[0]?.value.cooked ?? '']
  if (node.type === 'ArrayExpression') {
    const names = node.elements.map((each) => (each === null ? undefined : namesOf(each as Expression)))
    return names.every((each) => each !== undefined) ? names.flat() : undefined
  }
  if (node.type === 'NewExpression') return namesOf(node.arguments[0] as Expression)
  if (node.type !== 'ObjectExpression') return undefined
  const name = node.properties.find(
    (each) => each.type === 'ObjectProperty' && each.key.type === 'Identifier' && each.key.name === 'name',
  )
  return name?.type === 'ObjectProperty' ? namesOf(name.value as Expression) : undefined
}

type Names = readonly (readonly string[] | undefined)[]
type Calls = Readonly<Record<string, (names: Names) => readonly FileStep[] | undefined>>

/** https://typeorm.io/docs/migrations/api: the methods of QueryRunner that change columns. */
const CALLS: Calls = {
  dropColumn: (names) => columnsOf(names, (table, column) => ({ kind: 'drop-column', table, column })),
  dropColumns: (names) => columnsOf(names, (table, column) => ({ kind: 'drop-column', table, column })),
  addColumn: (names) => columnsOf(names, (table, column) => ({ kind: 'add-column', table, column })),
  addColumns: (names) => columnsOf(names, (table, column) => ({ kind: 'add-column', table, column })),
  renameColumn: (names) =>
    columnsOf(names, (table, column) => ({ kind: 'rename-column', table, column, to: names[2]?.[0] ?? UNKNOWN })),
  // TypeORM drops the column and adds it anew where its type or length is another.
  changeColumn: (names) => columnsOf(names, (table, column) => ({ kind: 'retype-column', table, column })),
  renameTable: ([table, to]) =>
    tableOf(table)?.map((each) => ({ kind: 'rename-table', table: each, to: to?.[0] ?? UNKNOWN })),
  dropTable: ([table]) => tableOf(table)?.map((each) => ({ kind: 'drop-table', table: each })),
  createTable: ([table]) => tableOf(table)?.map((each) => ({ kind: 'create-table', table: each })) ?? [],
}

function columnsOf(
  [table, columns]: Names,
  change: (table: NamedTable, column: string) => FileStep,
): readonly FileStep[] | undefined {
  const tables = tableOf(table)
  return columns === undefined ? undefined : tables?.flatMap((each) => columns.map((column) => change(each, column)))
}

function tableOf(names: readonly string[] | undefined): readonly NamedTable[] | undefined {
  return names?.map((path) => {
    const parts = path.split('.')
    return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
  })
}
