import { describe, expect, test } from 'vitest'
import type { Gate } from '../command.ts'
import type { MigrationStatus } from './migration-status.ts'
import { withGates } from './with-gates.ts'

const NOW = new Date('2026-11-26T14:24:33Z')
const id = 'users.full_name'

const said = (over: Partial<MigrationStatus>): MigrationStatus => ({
  ...{ id, phase: 'hold', since: NOW, turn: 'may-act', state: 'the old column is set aside', next: 'drop' },
  ...{ command: `expand-contract drop ${id}`, acknowledged: { processes: 0, missing: [] } },
  ...{ blocksDone: 0, blocks: 0, verified: false, ...over },
})

const gate = (name: string, ok: boolean, remedy?: string, over: Partial<Gate> = {}): Gate => ({
  ...{ id: name, ok, detail: 'found', ...over },
  remedy: remedy === undefined ? undefined : { command: `expand-contract ${remedy}` },
})

const HELD = gate('held', false, `wait ${id} --for droppable`, {
  ...{ detail: '2 d of 3 d, over at 2026-11-27 12:00 UTC', opensAt: new Date('2026-11-27T14:24:33Z') },
})

describe('what comes next is the first gate that is missing', () => {
  test.each<[string, Partial<MigrationStatus>, readonly Gate[], Partial<MigrationStatus>]>([
    [
      'a backup, and not the drop',
      {},
      [gate('hidden', true), gate('backup', false, `backup ${id}`, { detail: 'none was taken' }), HELD],
      {
        ...{ turn: 'may-act', next: 'backup', command: `expand-contract backup ${id}` },
        state: 'the old column is set aside; backup: none was taken',
      },
    ],
    [
      'time alone',
      {},
      [gate('backup', true), HELD],
      {
        ...{ turn: 'waiting', next: 'wait 1 d', command: `expand-contract wait ${id} --for droppable` },
        state: 'the old column is set aside; held: 2 d of 3 d',
      },
    ],
    [
      'nothing: the stage itself',
      {},
      [gate('backup', true), gate('held', true)],
      {
        ...{ turn: 'may-act', next: 'drop', command: `expand-contract drop ${id}` },
        state: expect.stringMatching(/ready to drop$/u),
      },
    ],
    [
      'a statement that an application sends',
      { phase: 'switch', state: '100 % of reads are new', next: 'wait', command: undefined },
      [
        gate('inventory', false, `status ${id} --statements`, {
          detail: '1 of 41 statement shapes need the old column',
        }),
      ],
      { turn: 'act', next: 'change statement', command: `expand-contract status ${id} --statements` },
    ],
    [
      'a gate without a remedy, whose next one has one',
      {},
      [gate('dependents', false), gate('held', false, `wait ${id} --for droppable`)],
      { turn: 'act', next: 'change dependents', command: `expand-contract wait ${id} --for droppable` },
    ],
    [
      'the flag, while reads are of the old column',
      { phase: 'switch', turn: 'may-act', state: 'the flag decides, 25.0 % of reads are new', next: 'raise flag' },
      [gate('soak', false, `wait ${id} --for soaked`)],
      {
        ...{ turn: 'may-act', next: 'raise flag', command: `expand-contract wait ${id} --for soaked` },
        state: 'the flag decides, 25.0 % of reads are new',
      },
    ],
    [
      'what expand, run again, makes',
      { phase: 'expand', turn: 'may-act', state: 'filled, not verified', next: 'verify' },
      [gate('parity', false, `expand ${id}`), gate('verified', false, `verify ${id}`)],
      { turn: 'may-act', next: 'expand', command: `expand-contract expand ${id}` },
    ],
    [
      'a decision about what the new column goes without',
      { phase: 'expand', turn: 'may-act', state: 'filled and verified', next: 'switch' },
      [gate('parity', false, `switch ${id} --accept "parity:x" --reason "..."`)],
      { turn: 'act', next: 'switch' },
    ],
    [
      'statistics, by SQL',
      { phase: 'expand', turn: 'may-act', state: 'filled, not verified', next: 'verify' },
      [{ ...gate('statistics', false), remedy: { command: `psql -c 'ANALYZE public.users;'` } }],
      { turn: 'may-act', next: 'analyze', command: `psql -c 'ANALYZE public.users;'`, state: 'filled, not verified' },
    ],
  ])('%s', (_, status, gates, expected) => {
    const to = status.phase === 'switch' ? 'contract' : status.phase === 'expand' ? 'switch' : 'drop'
    expect(withGates(said(status), { to, gates }, NOW)).toMatchObject(expected)
  })

  test.each<Partial<MigrationStatus>>([
    { turn: 'working', next: 'wait', command: undefined },
    { turn: 'act', next: 'resume', command: `expand-contract resume ${id}` },
  ])('what is being done, or was stopped, is told instead: %j', (status) => {
    const own = said(status)
    expect(withGates(own, { to: 'switch', gates: [HELD] }, NOW)).toBe(own)
  })

  test('a phase that no stage follows has no gates', () => {
    const own = said({ phase: 'dropped', turn: 'done' })
    expect(withGates(own, undefined, NOW)).toBe(own)
  })
})
