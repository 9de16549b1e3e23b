import { printCondition } from './print-expression.ts'
import { type OutColumn, type Printing, picked, q, type Scope, type ScopeSource, tableColumns } from './scope.ts'
import type { Source } from './statement.ts'

export interface PrintedFrom {
  readonly sql: string
  readonly scope: Scope
  /** What `*` stands for. */
  readonly star: readonly OutColumn[]
}

/** Prints FROM from left to right; a comma starts a join of its own. */
export function printFrom(printing: Printing, list: readonly Source[], outer: Scope | undefined): PrintedFrom {
  const sources: ScopeSource[] = []
  const merged = new Set<string>()
  let sql = ''
  let groupStart = 0
  let groupStar: readonly OutColumn[] = []
  const stars: (readonly OutColumn[])[] = []
  for (const [index, one] of list.entries()) {
    const canBeLateral = index > 0 && !['right', 'full'].includes(one.join)
    const before: Scope = { sources: [...sources], merged: new Set(merged), outer }
    const { text, source } = printSource(printing, one, sources, canBeLateral ? before : undefined, outer)
    const left = groupStar
    sources.push(source)
    // A name that comes again without being joined by it is ambiguous again.
    for (const column of source.columns) merged.delete(column.name)
    if (index === 0 || one.join === 'comma') {
      sql += index === 0 ? text : `, ${text}`
      groupStart = index
      if (index > 0) stars.push(left)
      groupStar = source.columns
      continue
    }
    const names = sharedNames(left, source.columns)
    const scope: Scope = { sources: sources.slice(groupStart), merged: new Set(merged), outer }
    switch (one.join) {
      case 'cross':
        sql += ` cross join ${text}`
        break
      case 'natural':
        if (names.all !== undefined && names.all.length > 0) {
          sql += ` natural join ${text}`
          for (const name of names.all) merged.add(name)
          groupStar = mergedStar(names.all, left, source.columns)
          continue
        }
        sql += ` cross join ${text}`
        break
      case 'using':
      case 'left using':
        if (names.usable.length > 0) {
          const [name = 'id'] = names.usable.slice(names.usable.length > 1 ? 1 : 0)
          sql += `${one.join === 'using' ? '' : ' left'} join ${text} using (${q(name)})`
          merged.add(name)
          groupStar = mergedStar([name], left, source.columns)
          continue
        }
        sql += ` cross join ${text}`
        break
      case 'full': {
        const first = scope.sources[0]
        const both = [first, source].every(
          (side) => side?.columns.filter((column) => column.name === 'id').length === 1,
        )
        sql += both ? ` full join ${text} on ${first?.alias}."id" = ${source.alias}."id"` : ` cross join ${text}`
        break
      }
      default:
        sql += ` ${one.join} join ${text} on ${printCondition(printing, one.on, scope)}`
    }
    groupStar = [...left, ...source.columns]
  }
  stars.push(groupStar)
  return { sql, scope: { sources, merged, outer }, star: stars.flat() }
}

function printSource(
  printing: Printing,
  { of, aliased }: Source,
  taken: readonly ScopeSource[],
  lateral: Scope | undefined,
  outer: Scope | undefined,
): { readonly text: string; readonly source: ScopeSource } {
  const named = (name: string, text: string, columns: readonly OutColumn[]): ReturnType<typeof printSource> => {
    const own = !aliased && !taken.some((source) => source.alias === name)
    const alias = own ? name : `a${printing.nextAlias++}`
    return { text: own ? text : `${text} ${alias}`, source: { alias, columns } }
  }
  if (of.kind === 'query') {
    const isLateral = of.lateral && lateral !== undefined
    const { sql, columns } = printing.printQuery(printing, of.query, isLateral ? lateral : outer)
    const alias = `a${printing.nextAlias++}`
    const renamed = of.renamed ? columns.map((column, index) => ({ ...column, name: `r${index}` })) : columns
    const names = of.renamed ? ` (${renamed.map((column) => q(column.name)).join(', ')})` : ''
    return { text: `${isLateral ? 'lateral ' : ''}(${sql}) ${alias}${names}`, source: { alias, columns: renamed } }
  }
  if (of.kind === 'common' && printing.common.length > 0) {
    const { name, columns } = picked(printing.common, of.pick)
    return named(name, name, columns)
  }
  const table = picked(printing.model.tables, of.kind === 'table' ? of.table : 0)
  const only = of.kind === 'table' && of.only ? 'only ' : ''
  return named(q(table.name), `${only}${q(table.name)}`, tableColumns(table))
}

/** Names on both sides, once each; `all` is undefined where NATURAL would not work on them. */
function sharedNames(
  left: readonly OutColumn[],
  right: readonly OutColumn[],
): { readonly usable: readonly string[]; readonly all: readonly string[] | undefined } {
  const names = [...new Set(left.map((column) => column.name))].filter((name) =>
    right.some((column) => column.name === name),
  )
  const once = (list: readonly OutColumn[], name: string): OutColumn | undefined => {
    const found = list.filter((column) => column.name === name)
    return found.length === 1 ? found[0] : undefined
  }
  const usable = names.filter((name) => {
    const [one, other] = [once(left, name), once(right, name)]
    return one !== undefined && one.family !== 'other' && one.family === other?.family
  })
  return { usable, all: usable.length === names.length ? usable : undefined }
}

function mergedStar(
  names: readonly string[],
  left: readonly OutColumn[],
  right: readonly OutColumn[],
): readonly OutColumn[] {
  const first = names.flatMap((name) => left.filter((column) => column.name === name))
  const rest = (list: readonly OutColumn[]): readonly OutColumn[] =>
    list.filter((column) => !names.includes(column.name))
  return [...first, ...rest(left), ...rest(right)]
}
