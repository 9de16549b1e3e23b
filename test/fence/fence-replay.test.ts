import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { explore } from './explore.ts'
import { MUTATIONS } from './fence-cases.ts'
import { fenceModel, type Outcome, type ProcessKind, type Protocol, REAL } from './fence-model.ts'
import { type Replayed, replay } from './replay.ts'

const traceOf = async (protocol: Protocol, kinds: readonly ProcessKind[], outcome: Outcome) =>
  explore(await fenceModel(protocol, kinds)).traces.get(outcome) ?? []

/** The column is gone: the driver is told 42703, plans the statement anew and sends it again, and the next one is right as well. */
const HEALED = { last: 'ax', next: 'axx', refused: undefined, row: { id: 1, name: 'axx' } }

/** In a transaction nothing can be sent again: that one fails, loudly, and the next one is right. */
const LOUD = { last: '42703', next: 'ax', refused: undefined, row: { id: 1, name: 'ax' } }

const inTransaction = (trace: readonly string[]): readonly string[] => {
  const at = trace.lastIndexOf('A plans')
  return [...trace.slice(0, at), 'A begins', ...trace.slice(at)]
}

const READ = 'select name from users where id = 1'

/** What PostgreSQL and the packages make of what the model has found. */
const GONE: ReadonlySet<string> = new Set([
  'nobody waits for leases',
  'nobody waits for acknowledgement, and a lease is longer than the operator knows',
])

const OTHERWISE: Readonly<Record<string, { readonly statement?: string; readonly found: Partial<Replayed> }>> = {
  // PostgreSQL has the lock that the mutation leaves out.
  'the column is dropped beside open transactions': {
    found: { refused: 'EC_LOCK_NOT_GRANTED', last: expect.stringMatching(/^ax+$/u) },
  },
  // The packages refuse it: the transaction that drops looks at the phase.
  'the column is dropped in the phase in which it is written': {
    found: { refused: 'EC_CONTROL_MOVED', last: 'ax', next: 'axx', row: { id: 1, name: 'axx', full_name: 'axx' } },
  },
  // The packages do what the mutation leaves out: what is read is right.
  'requests keep their side when it is written no longer': { found: { last: 'axx', next: 'axxx' } },
  'both columns without a phase mean that the flag decides': { statement: READ, found: { last: 'a', next: 'a' } },
  'the switch comes before the backfill': { statement: READ, found: { last: null } },
  'column and trigger come in two transactions': {
    found: { last: 'ax', row: { id: 1, name: 'axx', full_name: null } },
  },
}

describe.each(postgresMajors())('PostgreSQL %i: what the model has found, replayed', (major) => {
  test.for(MUTATIONS)('$name', async ({ name, protocol, kinds, outcome }) => {
    const trace = await traceOf(protocol, kinds, outcome)
    if (GONE.has(name)) {
      expect(await replay(major, trace), trace.join('\n')).toEqual(HEALED)
      expect(await replay(major, inTransaction(trace)), trace.join('\n')).toEqual(LOUD)
      return
    }
    const otherwise = OTHERWISE[name]
    if (otherwise === undefined) throw new Error(`nothing is said of ${name}`)
    expect(await replay(major, trace, otherwise.statement), trace.join('\n')).toMatchObject(otherwise.found)
  })

  test('what is admitted: a statement that its process held back beyond its lease is refused by PostgreSQL, and right when it is sent again', async () => {
    const silent = { name: 'A', beats: false, transactions: false, requests: false, stops: true }
    const trace = await traceOf(REAL, [silent], 'admitted')
    expect(trace.at(-1)).toBe('A sends')
    expect(await replay(major, trace)).toEqual(HEALED)
    expect(await replay(major, inTransaction(trace))).toEqual(LOUD)
  })
})
