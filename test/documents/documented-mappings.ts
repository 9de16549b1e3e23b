import {
  changeColumnType,
  defineMigration,
  type Migration,
  mergeColumns,
  renameColumn,
  type SqlMappings,
  splitColumn,
} from '@expand-contract/core'
import { merging, migrating, migrationsOf, splitting } from '@expand-contract/drizzle'
import * as drizzleColumns from 'drizzle-orm/pg-core'
import { read, repositoryFiles } from '../architecture/workspace.ts'
import { callsIn, evaluate } from './calls-in-text.ts'

export interface DocumentedMapping {
  readonly file: string
  readonly migration: Migration
}

const CORE = { changeColumnType, defineMigration, mergeColumns, renameColumn, splitColumn }
const DRIZZLE = { ...drizzleColumns, merging, migrating, splitting }

/** Where users find declarations to copy: pages, examples, and the comments of what is published. */
const files = repositoryFiles().filter(
  (file) =>
    /\.md$/u.test(file) ||
    /^(?:examples|packages)\/.*\/?src\/.*(?<!\.test)\.ts$|^examples\/[^/]+\/[^/]+\.ts$/u.test(file),
)

/** Every declaration of them, and the texts in which one stands that could not be read. */
export function documentedMappings(): {
  readonly found: readonly DocumentedMapping[]
  readonly unread: readonly string[]
} {
  const found: DocumentedMapping[] = []
  const unread: string[] = []
  for (const file of files) {
    let rest = withoutComments(file, read(file))
    const take = (text: string, migrations: readonly Migration[]): void => {
      rest = rest.replace(text, () => '')
      found.push(...migrations.map((migration) => ({ file, migration })))
    }
    // What ends with dots is a sketch.
    for (const { text } of callsIn(rest, Object.keys(CORE)))
      if (!/\.\.\. *\}/u.test(text)) take(text, [evaluate(text, CORE) as Migration])
    for (const { text } of callsIn(rest, ['pgTable']).filter((call) => /migrating|splitting|merging/u.test(call.text)))
      if (!text.includes('${')) take(text, migrationsOf({ table: evaluate(text, DRIZZLE) }))
    for (const { text } of callsIn(rest, ['MigratingColumn']))
      if (/\bto:|\bforward:/u.test(text)) take(text, [ofTypeorm(text.slice('MigratingColumn('.length, -1))])
    for (const [, cell = ''] of rest.matchAll(/^\| [a-z ]+ \| `((?:with: [^`]*|)to: [^`]*)`/gmu))
      take(cell, [ofTypeorm(`{ ${cell} }`)])
    // A mapping as a function is given the names; it says nothing that the others do not.
    if (/\b(?:forward|backward): *["'{]/u.test(rest)) unread.push(file)
  }
  return { found, unread }
}

/** In sources the comments alone, without their stars; other files as they are, without diffs. */
function withoutComments(file: string, text: string): string {
  if (file.endsWith('.md')) return text.replaceAll(/^```diff[\s\S]*?^```/gmu, '')
  if (file.startsWith('examples/')) return text
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//gu)].map(([comment]) => comment.replaceAll(/^ *\* ?/gmu, '')).join('\n')
}

interface TypeormOptions {
  readonly to?: TypeormColumn | readonly TypeormColumn[]
  readonly from?: TypeormColumn | readonly TypeormColumn[]
  readonly forward?: string | SqlMappings
  readonly backward?: string | SqlMappings
}

interface TypeormColumn {
  readonly name: string
  readonly type: string
  readonly precision?: number
  readonly scale?: number
  readonly array?: boolean
}

/** The columns beside which these stand, where a page does not say it. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  full_name: { name: 'varchar' },
  visits_big: { visits: 'int4' },
  amount: { cents: 'int4' },
  first: { name: 'text' },
  first_name: { name: 'text' },
  coordinates: { latitude: 'float8', longitude: 'float8' },
}

/** The new columns of an entity of the new side, by property; beside which old one they stand. */
const NEW_SIDE: Readonly<Record<string, Readonly<Record<string, TypeormColumn>>>> = {
  name: { firstName: { name: 'first_name', type: 'text' }, lastName: { name: 'last_name', type: 'text' } },
}

function ofTypeorm(options: string): Migration {
  const { to, from: given, forward: declared, backward } = evaluate(options, {}) as TypeormOptions
  const properties = given === undefined ? {} : NEW_SIDE[([given].flat() as readonly TypeormColumn[])[0]?.name ?? '']
  if (properties === undefined) throw new Error(`Which columns does an entity of the new side have here: ${options}`)
  const added = given === undefined ? ([to].flat() as readonly TypeormColumn[]) : Object.values(properties)
  const forward =
    typeof declared === 'object'
      ? Object.fromEntries(Object.entries(declared).map(([key, sql]) => [properties[key]?.name ?? key, sql]))
      : declared
  const old = BESIDE[added[0]?.name ?? '']
  if (old === undefined) throw new Error(`Beside which column of an entity does this stand: ${options}`)
  const [from = ''] = Object.keys(old)
  const one = (mapping: string | SqlMappings | undefined, target: string, cast: string): SqlMappings =>
    mapping === undefined ? { [target]: cast } : typeof mapping === 'string' ? { [target]: mapping } : mapping
  const typeOf = ({ type, precision, scale, array }: TypeormColumn): string =>
    `${type}${precision === undefined ? '' : `(${precision}, ${scale})`}${array ? '[]' : ''}`
  const [{ name, type } = { name: '', type: '' }] = added
  return defineMigration({
    table: 'entity',
    old,
    new: Object.fromEntries(added.map((column) => [column.name, typeOf(column)])),
    forward: one(forward, name, `${from}::${type}`),
    backward: one(backward, from, `${name}::${old[from]}`),
  })
}
