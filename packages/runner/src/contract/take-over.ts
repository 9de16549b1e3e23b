import { quoteIdentifier } from '@expand-contract/core'
import { runnerError } from '../runner-error.ts'
import { dollarQuoted } from '../sql/sync-function.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import type { ColumnState, ColumnStates, IdentityState } from './column-states.ts'
import type { Contracted } from './contracted.ts'
import { contractedShape, movedDefaults, restoredShape } from './defaults.ts'
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

/**
 * What makes the new columns authoritative: they get the defaults, NOT NULL, identity and sequences of the old ones, which lose them. The side that is not
 * authoritative never carries a default, so that its presence in an INSERT means that it was given.
 * @throws EC_CONTRACT_DEFAULT, EC_CONTRACT_IDENTITY
 */
export function takeOver(shape: SyncShape, states: ColumnStates, newHasNulls: boolean): TakeOver {
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
  }))
  const wanted = topmost(asOld).filter((state) => !firsts.find((each) => keyOf(each) === keyOf(state))?.notNull)
  const notNull = notNullPlan(shape.migration.id, wanted, states.checks)
  return {
    notNull,
    within: [
      ...notNull.set,
      ...old.flatMap((member) => member.flatMap((state) => takeDefault(state))),
      ...added.flatMap((member, index) =>
        member.flatMap((state) => giveDefault(state, moved[index]?.get(state.column))),
      ),
      ...moveIdentity(shape, old[0] ?? []),
      ...old
        .flat()
        // What a primary key has is let go of with the key.
        .filter(({ notNull: is, inKey }) => is && !inKey)
        .map(dropNotNull),
      ...ownSequences(old.flat(), shape.new[0]?.name),
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

/** The sequence of an identity goes with it, so it is made anew, under its name and where it stood. */
function identityMove(table: ColumnState, from: string, to: string, identity: IdentityState): SyncStatement {
  const { sequence, always, increment, min, max, start, cache, cycle } = identity
  const bounds = [min === undefined ? '' : ` MINVALUE ${min}`, max === undefined ? '' : ` MAXVALUE ${max}`].join('')
  const options = `SEQUENCE NAME ${sequence} INCREMENT ${increment}${bounds} START ${start} CACHE ${cache}${cycle ? ' CYCLE' : ''}`
  const body = `declare stood int8; called boolean;
begin
  select last_value, is_called into stood, called from ${sequence};
  alter table ${tableOf(table)} alter column ${quoteIdentifier(from)} drop identity;
  alter table ${tableOf(table)} alter column ${quoteIdentifier(to)} add generated ${always ? 'always' : 'by default'} as identity (${options});
  perform pg_catalog.setval(${literal(sequence)}::pg_catalog.regclass, stood, called);
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
