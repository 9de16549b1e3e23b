import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { ColumnGrant, ParityColumn, ParityMember } from './parity-facts.ts'

const STORAGE: Readonly<Record<string, string>> = { p: 'PLAIN', e: 'EXTERNAL', x: 'EXTENDED', m: 'MAIN' }

/** What INSERT draws from: the side that has no say must not have it, so that it moves with the say. */
export function drawnParity({ facts, oldNames, later }: ParityContext): void {
  for (const { name: table, columns } of facts.members)
    for (const { name, default: has, identity, sequences } of columns.filter((each) => oldNames.has(each.name))) {
      const of = `of ${name} on ${table}`
      const all = [
        ...(has ? [`default ${of}`] : []),
        ...(identity ? [`identity ${of}`] : []),
        ...sequences.map((sequence) => `sequence ${sequence} ${of}`),
      ]
      later.push(...all.map((what) => ({ what, by: 'contract' as const })))
    }
}

/** What is said of a column itself, on each member: comment, statistics target, storage, compression, options. */
export function columnParity(context: ParityContext): readonly ParityPart[] {
  return context.facts.members.flatMap((member) =>
    context.pairs.flatMap((pair): readonly ParityPart[] => {
      const old = member.columns.find(({ name }) => name === pair.old)
      if (old === undefined) return []
      const added = member.columns.find(({ name }) => name === pair.new)
      const at = { context, member, column: pair.new }
      return [
        ...commentPart(at, old, added),
        ...settingsOf(old, added, pair.kind === 'same' && member.kind !== 'f').map((setting) => altered(at, setting)),
      ]
    }),
  )
}

interface Setting {
  readonly kind: ParityPart['kind']
  readonly there: boolean
  readonly how: string
}

/** What ALTER COLUMN says of an old column; what is the default of its type needs no word. */
function settingsOf(old: ParityColumn, added: ParityColumn | undefined, stored: boolean): readonly Setting[] {
  const { statistics, options, storage, typeStorage, compression } = old
  const sorted = (each: readonly string[] = []): string => each.toSorted().join()
  const settings: readonly (Setting | false)[] = [
    statistics !== null && {
      ...{ kind: 'statistics target', there: statistics === added?.statistics, how: `SET STATISTICS ${statistics}` },
    },
    options.length > 0 && {
      ...{ kind: 'statistics target', there: sorted(options) === sorted(added?.options) },
      how: `SET (${options.join(', ')})`,
    },
    stored &&
      storage !== typeStorage && {
        ...{ kind: 'storage', there: storage === added?.storage, how: `SET STORAGE ${STORAGE[storage]}` },
      },
    stored &&
      compression !== null && {
        ...{ kind: 'storage', there: compression === added?.compression, how: `SET COMPRESSION ${compression}` },
      },
  ]
  return settings.filter((each) => each !== false)
}

interface At {
  readonly context: ParityContext
  readonly member: ParityMember
  readonly column: string
}

function altered({ context, member, column }: At, { kind, there, how }: Setting): ParityPart {
  const table = qualified(member.schema, member.name)
  const sql = `ALTER TABLE ONLY ${table} ALTER COLUMN ${quoteIdentifier(column)} ${how}`
  const action = (): Action =>
    context.action({ sql, table, why: 'As the old column has it.', lock: 'ACCESS EXCLUSIVE', transaction: 'expand' })
  return { kind, what: `${kind} of ${column} on ${member.name}`, actions: [], withColumns: there ? [] : [action()] }
}

function commentPart(
  { context, member, column }: At,
  { comment }: ParityColumn,
  added: ParityColumn | undefined,
): readonly ParityPart[] {
  if (comment === null) return []
  const table = qualified(member.schema, member.name)
  const sql = `COMMENT ON COLUMN ${table}.${quoteIdentifier(column)} IS ${literal(comment)}`
  // A comment of its own is left as it is.
  const there = (added?.comment ?? null) !== null
  const action = (): Action =>
    context.action({
      sql,
      table,
      why: 'The comment of the old column.',
      lock: 'SHARE UPDATE EXCLUSIVE',
      transaction: 'expand',
    })
  return [
    {
      kind: 'comment',
      what: `comment of ${column} on ${member.name}`,
      actions: [],
      withColumns: there ? [] : [action()],
    },
  ]
}

/**
 * Grants on columns alone: a statement that names the new column, as every write of an application does from then on, is refused without
 * them. Whoever may write one of the old columns may write the new one; reading it asks for all that it is made of.
 */
export function grantParity(context: ParityContext): readonly ParityPart[] {
  return context.facts.members.flatMap((member) =>
    context.shape.new.flatMap(({ name }) => {
      const sources = sourcesOf(context, name).flatMap(
        (source) => member.columns.find((each) => each.name === source) ?? [],
      )
      const added = member.columns.find((each) => each.name === name)
      return wantedGrants(sources).map((grant) => grantPart({ context, member, column: name }, grant, added))
    }),
  )
}

/** The old columns that a new one is made of. */
function sourcesOf({ migration, shape }: ParityContext, column: string): readonly string[] {
  const mapping = migration.forward[column]
  return mapping?.kind === 'column' ? [mapping.column] : shape.old.map(({ name }) => name)
}

function wantedGrants(sources: readonly ParityColumn[]): readonly ColumnGrant[] {
  const all = new Map<string, ColumnGrant>()
  for (const grant of sources.flatMap(({ grants }) => grants)) {
    const key = `${grant.role} ${grant.privilege}`
    if (all.get(key)?.grantable !== true) all.set(key, grant)
  }
  return [...all.values()].filter(
    ({ role, privilege }) =>
      privilege !== 'SELECT' ||
      sources.every(({ grants }) => grants.some((each) => each.role === role && each.privilege === 'SELECT')),
  )
}

function grantPart(
  { context, member, column }: At,
  { role, privilege, grantable }: ColumnGrant,
  added: ParityColumn | undefined,
): ParityPart {
  const table = qualified(member.schema, member.name)
  const there = added?.grants.some(
    (each) => each.role === role && each.privilege === privilege && (each.grantable || !grantable),
  )
  const sql = `GRANT ${privilege} (${quoteIdentifier(column)}) ON ${table} TO ${role}${grantable ? ' WITH GRANT OPTION' : ''}`
  const why = 'Without it the writes of that role would be refused as soon as the column is there.'
  const action = (): Action => context.action({ sql, table, why, lock: 'none', transaction: 'expand' })
  return {
    ...{ kind: 'grant', what: `${privilege} of ${column} on ${member.name} for ${role}`, actions: [] },
    withColumns: there === true ? [] : [action()],
  }
}
