import { quoteIdentifier, type Side } from '@expand-contract/core'
import type { Example, Step } from './example.ts'
import { columnSql, type MigrationKind, tableOf, tableSql, traitsOf } from './migration-kinds/migration-kind.ts'
import { sampleSql } from './migration-kinds/rows.ts'

const SAMPLES: Readonly<Record<string, number>> = { v1: 0, v2: 1, v3: 2, v4: 3, v5: 4, v6: 5, n1: 6, n2: 7 }

export function applies(example: Example, kind: MigrationKind, app: Side, major: number): boolean {
  const traits = traitsOf(kind, app)
  return (
    example.since <= major &&
    example.needs.every((trait) => traits.has(trait)) &&
    !example.without.some((trait) => traits.has(trait))
  )
}

/** The steps of an example for one kind and app side: every placeholder filled in. */
export function stepsFor(example: Example, kind: MigrationKind, app: Side): readonly Step[] {
  const fill = filler(kind, app)
  return example.steps.map((step) => ({
    ...step,
    sql: fill(step.sql),
    ...(step.values && { values: step.values.map((value) => filledValue(value, fill)) }),
  }))
}

/** A name as people hardly ever write it: `U&"!006eame"`, to be followed by UESCAPE '!'. */
function escapedName(sql: string): string {
  const [first = '', ...rest] = sql.startsWith('"') ? sql.slice(1, -1).replaceAll('""', '"') : sql
  const code = (first.codePointAt(0) ?? 0).toString(16).padStart(6, '0')
  return `U&"!+${code}${rest.join('').replaceAll('!', '!!').replaceAll('"', '""')}"`
}

function filledValue(value: unknown, fill: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((element) => filledValue(element, fill))
  return typeof value === 'string' ? fill(value) : value
}

function filler(kind: MigrationKind, app: Side): (text: string) => string {
  const [first, second] = kind.parts
  if (first === undefined) throw new Error(`${kind.name} has no migration`)
  const table = tableOf(kind)
  const columns = first.columns[app].map((column) => columnSql(column.name))
  const shadow = first.columns[app === 'old' ? 'new' : 'old'].map((column) => columnSql(column.name))
  const names: Readonly<Record<string, string | undefined>> = {
    t: tableSql(kind),
    tq: `${quoteIdentifier(table.schema ?? 'public')}.${quoteIdentifier(table.name)}`,
    id: kind.key ? columns[0] : 'id',
    c: columns[0],
    c2: columns[1],
    cols: columns.join(', '),
    s: shadow[0],
    type: first.columns[app][0]?.type,
    peer: app === 'old' ? 'posts' : 'notes',
    other: app === 'old' ? 'notes' : 'posts',
    d: second && columnSql(second.columns[app][0]?.name ?? ''),
    unique: first.columns[app][0]?.unique,
  }
  const sample = (name: string): number => {
    const index = SAMPLES[name]
    if (index === undefined) throw new Error(`There is no value {${name}}`)
    return index
  }
  return (text) =>
    text.replace(/\{(?:(all|set|raw|d|U):?)?([a-z]+\d?)\}/gu, (whole, form: string | undefined, name: string) => {
      if (form === 'U') return escapedName(names[name] ?? whole)
      if (form === undefined && name in names) {
        const value = names[name]
        if (value === undefined) throw new Error(`${kind.name} has no ${whole}: ${text}`)
        return value
      }
      if (form === undefined && !(name in SAMPLES)) return whole
      if (form === 'd' && second !== undefined) return sampleSql(second, app, sample(name))[0] ?? whole
      const values = sampleSql(first, app, sample(name))
      if (form === 'all') return values.join(', ')
      if (form === 'set') return columns.map((column, index) => `${column} = ${values[index]}`).join(', ')
      if (form === 'raw') return first.samples[app][sample(name)]?.[0] ?? whole
      return values[0] ?? whole
    })
}
