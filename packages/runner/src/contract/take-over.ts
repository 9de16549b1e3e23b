import { quoteIdentifier } from '@expand-contract/core'
import { runnerError } from '../runner-error.ts'
import { dollarQuoted } from '../sql/sync-function.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import type { ColumnState, ColumnStates, IdentityState } from './column-states.ts'
import type { Contracted } from './contracted.ts'
import { contractedShape, movedDefaults, restoredShape } from './defaults.ts'
import type { KeyMove } from './key-move.ts'
import { type NotNullPlan, notNullPlan, topmost } from './not-null.ts'

const tableOf = ({ schema, table }: Pick<ColumnState, 'schema' | 'table'>): string => qualified(schema, table)
const keyOf = ({ schema, table }: Pick<ColumnState, 'schema' | 'table'>): string => JSON.stringify([schema, table])

/** The states of one side, member by member, the table itself first. */
function byMember(states: readonly ColumnState[], names: readonly string[]): readonly (readonly ColumnState[])[] {
  return [...Map.groupBy(states, keyOf).values()].map((all) => all.filter(({ column }) => names.includes(column)))
}

export interface TakeOver {
  readonly notNull: NotNullPlan
  /** In the transaction of the phase. */
  readonly within: readonly SyncStatement[]
  /** What the trigger's function is to know behind it. */
  readonly shape: SyncShape
  readonly contracted: Contracted
}

export interface TakeOverFacts {
  readonly states: ColumnStates
  /** Some row has no value in the new column. */
  readonly newHasNulls: boolean
  /** Primary keys that go to the new columns. @defaultValue none */
  readonly keys?: readonly KeyMove[]
}

/**
 * What makes the new columns authoritative: they get the defaults, NOT NULL, identity and sequences of the old ones, which lose them. The side that is not
 * authoritative never carries a default, so that its presence in an INSERT means that it was given.
 * @throws EC_CONTRACT_DEFAULT, EC_CONTRACT_IDENTITY
 */
export function takeOver(shape: SyncShape, { states, newHasNulls, keys = [] }: TakeOverFacts): TakeOver {
  const [oldNames, newNames] = [shape.old, shape.new].map((side) => side.map(({ name }) => name))
  const old = byMember(states.columns, oldNames ?? [])
  const added = byMember(states.columns, newNames ?? [])
  const moved = old.map((member) => movedDefaults(shape, member))
  const single = shape.new.length === 1 && !newHasNulls
  const firsts = added.map(([state]) => state).filter((state) => state !== undefined)
  // As the old ones are, member by member.
  const asOld = firsts.map((state, index) => ({
    ...state,
    notNullName: undefined,
    notNull: single && (old[index] ?? []).every(({ notNull }) => notNull),
    notNullUnvalidated: (old[index] ?? []).some(({ notNullUnvalidated }) => notNullUnvalidated),
    notNullAlone: (old[index] ?? []).some(({ notNullAlone }) => notNullAlone),
  }))
  const wanted = topmost(asOld).filter((state) => !firsts.find((each) => keyOf(each) === keyOf(state))?.notNull)
  const notNull = notNullPlan(shape.migration.id, wanted, states.checks)
  const moves = keys.flatMap(({ members }) => members)
  const keeps = ({ schema, table, inKey }: ColumnState): boolean =>
    inKey && !moves.some((member) => member.schema === schema && member.name === table)
  return {
    notNull,
    within: [
      ...notNull.set,
      ...keys.flatMap(({ within }) => within),
      ...old.flatMap((member) => member.flatMap((state) => takeDefault(state))),
      ...added.flatMap((member, index) =>
        member.flatMap((state) => giveDefault(state, moved[index]?.get(state.column))),
      ),
      ...moveIdentity(shape, old[0] ?? []),
      ...old
        .flat()
        // A primary key that stays wants it.
        .filter((state) => state.notNull && !keeps(state))
        .map(dropNotNull),
      ...ownSequences(old.flat(), shape.new[0]?.name),
      ...widerSequences(shape, [...old, ...added].flat()),
    ],
    shape: contractedShape(shape, moved),
    contracted: { old: old.flat(), new: added.flat() },
  }
}

const takeDefault = (state: ColumnState): readonly SyncStatement[] => {
  const at = `ALTER TABLE ONLY ${tableOf(state)} ALTER COLUMN ${quoteIdentifier(state.column)}`
  // A domain's own default is told off by one that is NULL.
  if (state.typeDefault !== undefined)
    return [{ sql: `${at} SET DEFAULT NULL`, why: 'Its default moves; that of its type is hidden.' }]
  return state.default === undefined ? [] : [{ sql: `${at} DROP DEFAULT`, why: 'Its default moves to the new column.' }]
}

const giveDefault = (state: ColumnState, sql: string | undefined): readonly SyncStatement[] =>
  sql === undefined
    ? []
    : [
        {
          sql: `ALTER TABLE ONLY ${tableOf(state)} ALTER COLUMN ${quoteIdentifier(state.column)} SET DEFAULT ${sql}`,
          why: 'As the old column had it.',
        },
      ]

const dropNotNull = (state: ColumnState): SyncStatement => ({
  sql: `ALTER TABLE ${tableOf(state)} ALTER COLUMN ${quoteIdentifier(state.column)} DROP NOT NULL`,
  why: 'A value that it has no counterpart for makes it NULL.',
})

const SIZES: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 }

/** The sequence of a serial has the type of its column, and would end where the old column does. */
function widerSequences({ new: [to, ...others] }: SyncShape, old: readonly ColumnState[]): readonly SyncStatement[] {
  const type = to?.base.replace(/^pg_catalog\./u, '') ?? ''
  if (others.length > 0) return []
  return old.flatMap(({ sequences, sequenceTypes = [] }) =>
    sequences
      .filter((_, index) => (SIZES[sequenceTypes[index] ?? ''] ?? 8) < (SIZES[type] ?? 0))
      .map((sequence) => ({
        sql: `ALTER SEQUENCE ${sequence} AS pg_catalog.${type}`,
        why: 'It goes as far as the new column; bounds that were told stay.',
      })),
  )
}

/** As narrow as it was, unless it has gone further since. */
function narrowSequences(old: readonly ColumnState[], now: ColumnStates): readonly SyncStatement[] {
  const is = new Map(
    now.columns.flatMap(({ sequences, sequenceTypes = [] }) =>
      sequences.map((sequence, index) => [sequence, sequenceTypes[index]]),
    ),
  )
  return old.flatMap(({ sequences, sequenceTypes = [] }) =>
    sequences.flatMap((sequence, index) => {
      const type = sequenceTypes[index]
      const size = SIZES[type ?? '']
      if (size === undefined || size >= (SIZES[is.get(sequence) ?? ''] ?? 0)) return []
      const body = `begin
  if (select pg_catalog.abs(last_value::pg_catalog.numeric) < ${2n ** BigInt(size * 8 - 1)} from ${sequence}) then alter sequence ${sequence} as pg_catalog.${type}; end if;
end`
      return [{ sql: `DO ${dollarQuoted(body)}`, why: 'As it was before contract.' }]
    }),
  )
}

/** Sequences that would be dropped with the old column. */
const ownSequences = (old: readonly ColumnState[], to: string | undefined): readonly SyncStatement[] =>
  old.flatMap((state) =>
    state.sequences.map((sequence) => ({
      sql: `ALTER SEQUENCE ${sequence} OWNED BY ${tableOf(state)}.${quoteIdentifier(to ?? state.column)}`,
      why: 'The sequence goes with the new column; it would be dropped with the old one.',
    })),
  )

function moveIdentity(shape: SyncShape, old: readonly ColumnState[]): readonly SyncStatement[] {
  const state = old.find(({ identity }) => identity !== undefined)
  if (state?.identity === undefined) return []
  const [to, ...others] = shape.new
  if (to === undefined || others.length > 0 || old.length > 1)
    throw runnerError('EC_CONTRACT_IDENTITY', {
      message: `${JSON.stringify(state.column)} is an identity column, and the migration ${shape.migration.id} maps it to more than one column.`,
      hint: `ALTER TABLE ${tableOf(state)} ALTER COLUMN ${quoteIdentifier(state.column)} DROP IDENTITY, and let the application give the value.`,
      migration: shape.migration.id,
    })
  return [identityMove(state, state.column, to.name, state.identity)]
}

/** The sequence of an identity goes with it, so it is made anew, under its name, with its grants and its comment, and where it stood. */
function identityMove(table: ColumnState, from: string, to: string, identity: IdentityState): SyncStatement {
  const { sequence, always, increment, min, max, start, cache, cycle } = identity
  const bounds = [min === undefined ? '' : ` MINVALUE ${min}`, max === undefined ? '' : ` MAXVALUE ${max}`].join('')
  const options = `SEQUENCE NAME ${sequence} INCREMENT ${increment}${bounds} START ${start} CACHE ${cache}${cycle ? ' CYCLE' : ''}`
  const body = `declare stood int8; called boolean; note text; granted pg_catalog.aclitem[]; owner pg_catalog.oid; one record;
begin
  select last_value, is_called into stood, called from ${sequence};
  select c.relacl, c.relowner, pg_catalog.obj_description(c.oid, 'pg_class') into granted, owner, note
    from pg_catalog.pg_class c where c.oid = ${literal(sequence)}::pg_catalog.regclass;
  alter table ${tableOf(table)} alter column ${quoteIdentifier(from)} drop identity;
  alter table ${tableOf(table)} alter column ${quoteIdentifier(to)} add generated ${always ? 'always' : 'by default'} as identity (${options});
  perform pg_catalog.setval(${literal(sequence)}::pg_catalog.regclass, stood, called);
  for one in select * from pg_catalog.aclexplode(granted) x where x.grantee <> owner loop
    execute pg_catalog.format('grant %s on sequence %s to %s%s', one.privilege_type, ${literal(sequence)},
      case one.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(one.grantee)) end,
      case when one.is_grantable then ' with grant option' else '' end);
  end loop;
  if note is not null then execute pg_catalog.format('comment on sequence %s is %L', ${literal(sequence)}, note); end if;
end`
  return {
    sql: `DO ${dollarQuoted(body)}`,
    why: `The identity moves from ${from} to ${to}, and goes on where it stood.`,
  }
}

/** What gives all of it back, and what the trigger's function is to know behind it. */
export function giveBack(
  shape: SyncShape,
  { old, new: added }: Contracted,
  now: ColumnStates,
): Omit<TakeOver, 'contracted'> {
  const find = (state: ColumnState): ColumnState | undefined =>
    now.columns.find((each) => keyOf(each) === keyOf(state) && each.column === state.column)
  const there = (states: readonly ColumnState[]): readonly ColumnState[] =>
    states.filter((state) => find(state) !== undefined)
  const olds = there(old)
  const lost = shape.old.flatMap(({ name }) =>
    topmost(olds.filter(({ column }) => column === name)).filter((state) => find(state)?.notNull !== true),
  )
  const notNull = notNullPlan(shape.migration.id, lost, now.checks)
  const identity = olds.find((state) => state.identity !== undefined)
  const to = shape.new[0]?.name ?? ''
  return {
    notNull,
    within: [
      ...notNull.set,
      ...there(added).flatMap((state) => defaultAgain(state, find(state))),
      ...olds.flatMap((state) => defaultAgain(state, find(state))),
      ...(identity?.identity === undefined || find(identity)?.identity !== undefined
        ? []
        : [identityMove(identity, to, identity.column, identity.identity)]),
      ...there(added)
        .filter((state) => !state.notNull && find(state)?.notNull === true)
        .map((state) => ({ ...dropNotNull(state), why: 'As it was before contract.' })),
      ...olds.flatMap((state) => ownSequences([state], state.column)),
      ...narrowSequences(olds, now),
    ],
    shape: restoredShape(shape, olds),
  }
}

function defaultAgain(was: ColumnState, is: ColumnState | undefined): readonly SyncStatement[] {
  if (was.default === is?.default) return []
  const at = `ALTER TABLE ONLY ${tableOf(was)} ALTER COLUMN ${quoteIdentifier(was.column)}`
  return [
    was.default === undefined
      ? { sql: `${at} DROP DEFAULT`, why: 'As it was before contract.' }
      : { sql: `${at} SET DEFAULT ${was.default}`, why: 'As it was before contract.' },
  ]
}
