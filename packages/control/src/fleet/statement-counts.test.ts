import { renameColumn, type StatementEvent } from '@expand-contract/core'
import { expect, it } from 'vitest'
import { StatementCounts } from './statement-counts.ts'

const MIGRATION = renameColumn({ table: 'crm.users', from: 'name', to: 'full_name' })
const ID = MIGRATION.id

const event = (facts: Partial<StatementEvent> = {}): StatementEvent => ({
  outcome: 'rewritten',
  command: 'SELECT',
  tables: ['crm.users'],
  fingerprint: 'f',
  text: 'select name from users where id = $1',
  reads: { [ID]: 'new' },
  reasons: [],
  shape: {},
  scope: undefined,
  transaction: undefined,
  ...facts,
})

it('texts of one fingerprint are one statement, and their fingerprints are asked for between two reports', async () => {
  let asked = 0
  class Lazy implements Pick<StatementEvent, 'fingerprint'> {
    get fingerprint(): string {
      asked++
      return 'f'
    }
  }
  const counts = new StatementCounts([MIGRATION], 0)
  const { fingerprint: _, ...rest } = event()
  for (let index = 0; index < 30; index++) counts.sent(Object.assign(new Lazy(), rest, { shape: {} }) as StatementEvent)
  expect(asked).toBe(0)
  await counts.gather()
  expect(counts.statements()).toEqual([
    expect.objectContaining({ migration: ID, fingerprint: 'f', side: 'new', count: 30 }),
  ])
})

it('what was reported is forgotten, and what was not is kept', async () => {
  const counts = new StatementCounts([MIGRATION], 0)
  const shape = {}
  counts.sent(event({ shape }))
  counts.sent(event({ shape }))
  await counts.gather()
  const [reads, statements] = [counts.reads(1_000), counts.statements()]
  expect(reads[ID]).toMatchObject({ old: 0, new: 2, newRate: 2, lastOldAgoMs: null })
  counts.sent(event({ shape, reads: { [ID]: 'old' } }))
  counts.reported(statements, reads, 1_000)
  expect(counts.statements()).toEqual([])
  await counts.gather()
  expect(counts.statements()).toMatchObject([{ side: 'old', count: 1 }])
  expect(counts.reads(3_000)[ID]).toMatchObject({ old: 1, new: 2, oldRate: 0.5, newRate: 0 })
})

it('an application that invents texts fills no memory, and its reads are counted all the same', async () => {
  const counts = new StatementCounts([MIGRATION], 0)
  for (let index = 0; index < 3_000; index++) counts.sent(event({ fingerprint: `f${index}` }))
  await counts.gather()
  expect(counts.statements()).toHaveLength(100)
  for (let index = 0; index < 3_000; index++) counts.sent(event({ fingerprint: `g${index}` }))
  await counts.gather()
  let reported = 0
  for (let statements = counts.statements(); statements.length > 0; statements = counts.statements()) {
    counts.reported(statements, {}, 0)
    reported += statements.length
  }
  expect(reported).toBe(500)
  expect(counts.reads(1)[ID]?.new).toBe(6_000)
})

it('each reason is of its own migration, and a text that cannot be parsed has no fingerprint', async () => {
  const other = renameColumn({ table: 'crm.users', from: 'nick', to: 'alias' })
  const counts = new StatementCounts([MIGRATION, other], 0)
  const reasons = [{ migration: other.id, code: 'whole-row', message: 'A whole row.', position: 0 }]
  counts.sent(event({ outcome: 'kept', fingerprint: undefined, text: undefined, reads: { [ID]: 'old' }, reasons }))
  await counts.gather()
  expect(
    counts.statements().map(({ migration, fingerprint, side, reason }) => ({ migration, fingerprint, side, reason })),
  ).toEqual([
    { migration: ID, fingerprint: '', side: 'old', reason: '' },
    { migration: other.id, fingerprint: '', side: '', reason: 'whole-row' },
  ])
})
