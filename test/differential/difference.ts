import type { ErrorSeen, FieldSeen, Observation, ResultSeen } from './observation.ts'
import type { Tolerances } from './tolerance.ts'

export interface Comparison {
  readonly ordered: boolean
  readonly shapeOnly: boolean
  readonly tolerances: Tolerances
}

/**
 * Where an application may see another thing than on the untouched schema, each with its reason. Everything else must be
 * equal.
 */
const EXCEPTIONS = {
  'limit of a string type': {
    reason:
      'A value read from the other column is cast to varchar, not varchar(n): a cast to the latter would cut a longer one in silence.',
    covers: (twin: FieldSeen, seen: FieldSeen) =>
      ['varchar', '_varchar', 'varbit', '_varbit'].includes(twin.type) &&
      twin.type === seen.type &&
      seen.modifier === -1,
  },
  'type of a whole row': {
    reason: "The table's own row type has the physical columns, so a whole row is a record of the logical ones.",
    covers: (twin: FieldSeen, seen: FieldSeen) =>
      /\.(?:users|t|Größe "T" 😀)$/u.test(twin.type) && seen.type === 'record',
  },
  'detail of a row': {
    reason: 'PostgreSQL prints the whole physical row, shadow columns included, and gives no names to map it by.',
    covers: (twin: string | undefined) => twin?.startsWith('Failing row contains') === true,
  },
  'detail of a key': {
    reason: 'PostgreSQL prints the value of the key that it checked, which may be in the other format.',
    covers: (twin: string | undefined) => twin?.startsWith('Key (') === true,
  },
  'position left out': {
    reason: 'An error inside an edit has no position in the text of the application.',
    covers: (twin: string | undefined, seen: string | undefined) => twin !== undefined && seen === undefined,
  },
  'proposed names': {
    reason: 'PostgreSQL proposes names that resemble the wrong one, and compares it with those of the physical table.',
    covers: (twin: string | undefined, seen: string | undefined) =>
      [twin, seen].every((hint) => hint === undefined || hint.startsWith('Perhaps you meant')),
  },
  'types in a message': {
    reason: 'That no operator fits, or that types do not match, is said with the type of the column that was read.',
    covers: (twin: string | undefined, seen: string | undefined) =>
      twin === seen && ['42883', '42P08'].includes(twin ?? ''),
  },
} as const

/** The first thing that an application would see differently, or undefined. */
export function difference(twin: Observation, seen: Observation, how: Comparison): string | undefined {
  if (seen.kind === 'refused') return `refused: ${seen.message}`
  if (twin.kind === 'error') {
    if (seen.kind === 'error') return errorDifference(twin.error, seen.error, how.tolerances)
    if (how.tolerances.answers(twin.error.code, 'succeeds')) return undefined
    return `the twin fails with ${twin.error.code} ${twin.error.message}; this succeeds`
  }
  if (seen.kind === 'error')
    return how.tolerances.answers('succeeds', seen.error.code)
      ? undefined
      : `fails with ${seen.error.code} ${seen.error.message}${seen.error.detail ? ` (${seen.error.detail})` : ''}`
  if (twin.kind === 'refused') throw new Error('A twin refuses nothing')
  if (twin.results.length !== seen.results.length)
    return `number of results: ${twin.results.length} on the twin, ${seen.results.length} here`
  for (const [index, result] of twin.results.entries()) {
    const other = seen.results[index]
    const found = other && resultDifference(result, other, how)
    if (found !== undefined) return found
  }
  return undefined
}

function resultDifference(twin: ResultSeen, seen: ResultSeen, how: Comparison): string | undefined {
  if (twin.command !== seen.command) return unequal('command tag', twin.command, seen.command)
  if (twin.rowCount !== seen.rowCount) return unequal('row count', twin.rowCount, seen.rowCount)
  const names = (fields: readonly FieldSeen[]): string => JSON.stringify(fields.map((field) => field.name))
  if (names(twin.fields) !== names(seen.fields)) return unequal('field names', names(twin.fields), names(seen.fields))
  for (const [index, field] of twin.fields.entries()) {
    const other = seen.fields[index]
    if (other === undefined) return unequal('number of fields', twin.fields.length, seen.fields.length)
    if (other.type !== field.type && !EXCEPTIONS['type of a whole row'].covers(field, other))
      return unequal(`type of field ${field.name}`, field.type, other.type)
    if (other.modifier !== field.modifier && !EXCEPTIONS['limit of a string type'].covers(field, other))
      return unequal(`type modifier of field ${field.name}`, field.modifier, other.modifier)
  }
  if (how.shapeOnly) return undefined
  return rowsDifference('rows', twin.rows, seen.rows, how)
}

type Rows = readonly (readonly (string | null)[])[]

/** The first row that is not the same, or undefined. */
export function rowsDifference(
  what: string,
  twin: Rows,
  seen: Rows,
  { ordered, tolerances }: Pick<Comparison, 'ordered' | 'tolerances'>,
): string | undefined {
  const found = firstDifference(what, twin, seen, ordered)
  const tolerated = found === undefined ? undefined : tolerances.rows(twin)
  return tolerated === undefined ? found : firstDifference(what, tolerated, seen, ordered)
}

function firstDifference(what: string, twin: Rows, seen: Rows, ordered: boolean): string | undefined {
  const lines = (rows: Rows): readonly string[] => {
    const all = rows.map((row) => JSON.stringify(row))
    return ordered ? all : all.sort()
  }
  const expected = lines(twin)
  const actual = lines(seen)
  const wrong = expected.findIndex((line, index) => line !== actual[index])
  if (wrong === -1 && expected.length === actual.length) return undefined
  const at = wrong === -1 ? expected.length : wrong
  return unequal(`${what}, row ${at + 1}`, expected[at], actual[at])
}

function errorDifference(twin: ErrorSeen, seen: ErrorSeen, tolerances: Tolerances): string | undefined {
  if (EXCEPTIONS['types in a message'].covers(twin.code, seen.code)) return undefined
  if (twin.code !== seen.code)
    return tolerances.answers(twin.code, seen.code) ? undefined : unequal('code of the error', twin.code, seen.code)
  for (const key of ['message', 'schema', 'table', 'column', 'dataType', 'constraint'] as const)
    if (twin[key] !== seen[key] && !tolerances.field(twin.code, key))
      return unequal(`${key} of the error`, twin[key], seen[key])
  if (twin.detail !== seen.detail && !EXCEPTIONS['detail of a row'].covers(twin.detail)) {
    const [names, otherNames] = [twin.detail, seen.detail].map((detail) => detail?.split(')=(')[0])
    const isKey = EXCEPTIONS['detail of a key'].covers(twin.detail) && names === otherNames
    if (!isKey && !tolerances.field(twin.code, 'detail'))
      return unequal('detail of the error', twin.detail, seen.detail)
  }
  if (twin.hint !== seen.hint && !EXCEPTIONS['proposed names'].covers(twin.hint, seen.hint))
    return unequal('hint of the error', twin.hint, seen.hint)
  if (twin.position !== seen.position && !EXCEPTIONS['position left out'].covers(twin.position, seen.position))
    return unequal('position of the error', twin.position, seen.position)
  return undefined
}

const unequal = (what: string, twin: unknown, seen: unknown): string => `${what}: twin ${twin}, here ${seen}`
