import { renameColumn } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Action } from '../action.ts'
import type { ColumnFacts, MigrationFacts, SyncTriggerState, TableFacts } from '../facts.ts'
import { textHash } from '../read-sync-trigger.ts'
import { syncFunction } from '../sql/sync-function.ts'
import { syncNames } from '../sql/sync-names.ts'
import { syncShape } from '../sql/sync-shape.ts'
import { expand } from './expand.ts'

const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })

const TEXT = {
  ...{ type: 'text', bare: 'text', schema: 'pg_catalog', base: 'pg_catalog.text', under: '"pg_catalog"."text"' },
  ...{ domain: false, checked: false, exact: true },
}

const column = (name: string, position: number, more: Partial<ColumnFacts> = {}): ColumnFacts => ({
  ...{ ...TEXT, name, position, collation: undefined, notNull: false, defaults: [], identity: false },
  ...{ generated: false, inherited: false, ...more },
})

const TABLE: TableFacts = {
  ...{ oid: 1, schema: 'public', name: 'users', columns: [column('name', 2)], keyColumns: [], triggers: [] },
  ...{ publications: [], rows: 100, bytes: 8_192 },
  members: [
    {
      ...{ oid: 1, schema: 'public', name: 'users', kind: 'r', partition: false, owned: true, width: 2 },
      positions: { name: 2 },
    },
  ],
}

const FACTS: MigrationFacts = {
  server: { version: 180_000, database: 'shop', role: 'owner', standby: false },
  table: TABLE,
  declared: { full_name: TEXT },
  control: { schema: 'expand_contract', exists: true, writable: true },
  trigger: undefined,
  mappingError: undefined,
}

const withBoth: TableFacts = { ...TABLE, columns: [column('name', 2), column('full_name', 3)] }

/** What the database has once all of it was done. */
function installed(table: TableFacts): SyncTriggerState {
  const shape = syncShape(NAME, { ...FACTS, table })
  return {
    ...{ functionHash: textHash(syncFunction(shape, 'expand').body), phase: 'expand', helperHash: undefined },
    members: [{ schema: 'public', table: 'users', triggers: { [syncNames(NAME).trigger]: 'A' }, definitionHash: 'x' }],
    ...{ bypassed: 0n, sampleTable: true },
  }
}

const brief = (actions: readonly Action[]): readonly string[] =>
  actions.map((action) =>
    action.kind === 'sql'
      ? (/^(?:CREATE(?: OR REPLACE)?|ALTER|DO|GRANT|REVOKE|DROP) ?\w*/iu.exec(action.sql)?.[0] ?? '').toLowerCase()
      : action.kind,
  )

describe('expand, from facts alone', () => {
  beforeAll(loadParser)

  it('adds the column, the function and the triggers, and records the phase last, all in one transaction', () => {
    const actions = expand.plan(NAME, FACTS, {})
    expect(new Set(actions.map(({ transaction }) => transaction))).toEqual(new Set(['expand']))
    expect(
      brief(actions)
        .filter((each) => /^alter table|^create trigger|or replace trigger|record-phase/u.test(each))
        .at(-1),
    ).toBe('record-phase')
    const add = actions.findIndex((action) => action.kind === 'sql' && action.sql.includes('ADD COLUMN'))
    expect(actions[add]).toMatchObject({
      ...{ lock: 'ACCESS EXCLUSIVE', tables: ['"public"."users"'], estimate: { kind: 'instant' }, migration: NAME.id },
      sql: 'ALTER TABLE "public"."users" ADD COLUMN "full_name" text',
    })
    const trigger = actions.findIndex(
      (action) => action.kind === 'sql' && /TRIGGER/u.test(action.sql) && action.lock !== 'none',
    )
    expect(trigger).toBeGreaterThan(add)
    expect(actions.at(-1)).toMatchObject({
      ...{ kind: 'record-phase', operation: 'expand', phase: 'expand', lock: 'none', tables: [] },
      oldPositions: { 'public.users': { name: 2 } },
    })
  })

  it('plans what is missing: nothing, the phase, or the triggers without the column', () => {
    const whole = { ...FACTS, table: withBoth, trigger: installed(withBoth) }
    expect(expand.plan(NAME, whole, { phase: 'expand' })).toEqual([])
    expect(brief(expand.plan(NAME, whole, {}))).toEqual(['record-phase'])
    const disabled = {
      ...installed(withBoth),
      members: [{ schema: 'public', table: 'users', triggers: {}, definitionHash: undefined }],
    }
    const again = expand.plan(NAME, { ...whole, trigger: disabled }, { phase: 'expand' })
    expect(again.length).toBeGreaterThan(0)
    expect(again.some((action) => action.kind === 'sql' && action.sql.includes('ADD COLUMN'))).toBe(false)
    expect(again.some(({ kind }) => kind === 'record-phase')).toBe(false)
  })

  it('is the same plan for the same facts, and changes none of them', () => {
    const frozen = structuredClone(FACTS)
    expect(expand.plan(NAME, FACTS, {})).toEqual(expand.plan(NAME, FACTS, {}))
    expect(FACTS).toEqual(frozen)
  })

  it.each(['switch', 'contract'] as const)('has no place in the phase %s', (phase) => {
    expect(() => expand.plan(NAME, FACTS, { phase })).toThrow(
      expect.objectContaining({ code: 'EC_CONTROL_TRANSITION', migration: NAME.id }),
    )
  })

  it.each([
    ['EC_STANDBY', { server: { ...FACTS.server, standby: true } }],
    ['EC_CONTROL_MISSING', { control: { ...FACTS.control, exists: false } }],
    ['EC_PRIVILEGE', { control: { ...FACTS.control, writable: false } }],
    ['EC_TABLE_MISSING', { table: undefined }],
    ['EC_COLUMN_MISSING', { table: { ...TABLE, columns: [] } }],
    ['EC_GENERATED_COLUMN', { table: { ...TABLE, columns: [column('name', 2, { generated: true })] } }],
    ['EC_PARTITION_KEY', { table: { ...TABLE, keyColumns: ['name'] } }],
    ['EC_NOT_ROOT', { table: { ...TABLE, columns: [column('name', 2, { inherited: true })] } }],
    [
      'EC_NEW_DEFAULT',
      { table: { ...TABLE, columns: [column('name', 2), column('full_name', 3, { defaults: ["'x'"] })] } },
    ],
    ['EC_PUBLICATION', { table: { ...TABLE, publications: ['all'] } }],
    ['EC_MAPPING_FAILS', { mappingError: new Error('no such function') }],
  ] as const)('refuses with %s', (code, facts: Partial<MigrationFacts>) => {
    expect(() => expand.plan(NAME, { ...FACTS, ...facts }, {})).toThrow(
      expect.objectContaining({ code, hint: expect.any(String), migration: NAME.id }),
    )
  })

  it('takes what was confirmed', () => {
    const facts = { ...FACTS, table: { ...TABLE, publications: ['all'] } }
    expect(expand.plan(NAME, facts, { confirmed: ['publication'] }).at(-1)).toMatchObject({ kind: 'record-phase' })
  })
})
