import { createHash } from 'node:crypto'
import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from '../sql/sync-names.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { type ColumnState, NOT_NULL_CHECK, type NotNullCheck } from './column-states.ts'

const checkName = (
  migration: string,
  { schema, table, column }: Pick<ColumnState, 'schema' | 'table' | 'column'>,
): string =>
  `${NOT_NULL_CHECK}${createHash('sha256')
    .update(JSON.stringify([migration, schema, table, column]))
    .digest('hex')
    .slice(0, 16)}`

export interface NotNullPlan {
  /** A check that counts for what is written from now on, and then for all rows: two transactions, neither of which stops anybody. */
  readonly add: readonly SyncStatement[]
  readonly validate: readonly SyncStatement[]
  /** NOT NULL, which takes the check's word for it, in the transaction of the rest. */
  readonly set: readonly SyncStatement[]
}

/**
 * NOT NULL for columns, from the table downwards. With a validated check it takes 2 ms under the lock, where a look at 300,000 rows took 55 ms.
 * What is there already, as after an attempt that was interrupted, is not planned again.
 */
export function notNullPlan(
  migration: string,
  wanted: readonly ColumnState[],
  checks: readonly NotNullCheck[],
): NotNullPlan {
  const parts = wanted.map((state) => {
    const [table, column, name] = [
      qualified(state.schema, state.table),
      quoteIdentifier(state.column),
      checkName(migration, state),
    ]
    const there = checks.find(
      (check) => check.name === name && check.table === state.table && check.schema === state.schema,
    )
    const check = quoteIdentifier(name)
    const not = state.notNullName
    const alone = state.notNullAlone ? ' NO INHERIT' : ''
    if (state.notNullUnvalidated) {
      const sql = `ALTER TABLE ${table} ADD ${not === undefined ? '' : `CONSTRAINT ${quoteIdentifier(not)} `}NOT NULL ${column}${alone} NOT VALID`
      return {
        add: [],
        validate: [],
        set: [{ sql, why: 'For what is written from now on; rows of before may be NULL.' }],
      }
    }
    return {
      add: there
        ? []
        : [
            {
              sql: `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL)${alone} NOT VALID`,
              why: `For what is written from now on; no row is looked at.`,
            },
          ],
      validate: there?.validated
        ? []
        : [
            {
              sql: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`,
              why: 'For all rows, while everybody works on.',
            },
          ],
      set: [
        {
          sql: `ALTER TABLE ${table} ${not === undefined && alone === '' ? `ALTER COLUMN ${column} SET NOT NULL` : `ADD ${not === undefined ? '' : `CONSTRAINT ${quoteIdentifier(not)} `}NOT NULL ${column}${alone}`}`,
          why: 'The check says that no row has to be looked at.',
        },
        { sql: `ALTER TABLE ${table} DROP CONSTRAINT ${check}`, why: 'NOT NULL stands for it.' },
      ],
    }
  })
  return {
    add: parts.flatMap(({ add }) => add),
    validate: parts.flatMap(({ validate }) => validate),
    set: parts.flatMap(({ set }) => set),
  }
}

/** Those of them that a table above does not have NOT NULL for already. */
export function topmost(states: readonly ColumnState[]): readonly ColumnState[] {
  const [root] = states
  const inherited = root?.notNull === true && root.notNullAlone !== true
  return states.filter((state) => state.notNull && (state === root || !inherited))
}
