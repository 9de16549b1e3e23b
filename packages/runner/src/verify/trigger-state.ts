import { createHash } from 'node:crypto'
import type { Migration } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import type { BackfillMember } from '../rows/member.ts'
import type { RunnerClient } from '../runner-client.ts'

/** The sync trigger on every member: how it is enabled, and a hash of its definition and its function. */
export interface TriggerState {
  readonly members: Readonly<
    Record<string, { readonly enabled: string | undefined; readonly hash: string | undefined }>
  >
  /** On every member, and ENABLE ALWAYS. */
  readonly on: boolean
}

const TRIGGERS = `
  SELECT c.oid::int8::text AS oid, t.tgenabled AS enabled,
    pg_catalog.pg_get_triggerdef(t.oid) || pg_catalog.pg_get_functiondef(t.tgfoid) AS definition
  FROM pg_catalog.unnest($1::oid[]) AS c(oid) LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND t.tgname = $2`

export async function readTriggerState(
  client: RunnerClient,
  migration: Migration,
  members: readonly BackfillMember[],
): Promise<TriggerState> {
  const { rows } = await client.query(TRIGGERS, [members.map(({ oid }) => oid), syncTriggerName(migration.id)])
  const states = members.map(({ oid, relation }) => {
    const row = rows.find((each) => Number(each.oid) === oid)
    const enabled = typeof row?.enabled === 'string' ? row.enabled : undefined
    const hash =
      typeof row?.definition === 'string' ? createHash('sha256').update(row.definition).digest('hex') : undefined
    return [relation, { enabled, hash }] as const
  })
  return { members: Object.fromEntries(states), on: states.every(([, { enabled }]) => enabled === 'A') }
}

/** Nothing about it has changed between two looks. */
export const sameTriggers = (before: TriggerState, after: TriggerState): boolean =>
  JSON.stringify(before.members) === JSON.stringify(after.members)
