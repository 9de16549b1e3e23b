import { type CatalogPhases, createRuntime, type KnownCatalog, renameColumn } from '@expand-contract/core'
import { describe, expect, it } from 'vitest'
import { databasePhases } from '../database-phases.ts'
import { Acknowledgement } from './acknowledged.ts'

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const STATE = { installation: 'here', epochs: { [MIGRATION.id]: 7, other: 3 } }
const NOW = 1_000

const phases = (epoch: number | undefined, installation: string | undefined = 'here'): CatalogPhases => ({
  state: 'readable',
  installation,
  recorded: new Map(epoch === undefined ? [] : [[MIGRATION.id, { phase: 'expand', epoch }]]),
})
const barred: CatalogPhases = { state: 'forbidden', installation: undefined, recorded: new Map() }
const inUse = (of: CatalogPhases | undefined): KnownCatalog => ({ phases: of, until: NOW + 1 })
const over = (of: CatalogPhases | undefined): KnownCatalog => ({ phases: of, until: NOW })

describe('what a process acknowledges', () => {
  const acknowledging = async (...known: readonly KnownCatalog[]) => {
    const runtime = await createRuntime({ migrations: [MIGRATION], phases: databasePhases() })
    const catalogs = [...known]
    runtime.catalogReaders.push({ leaseMs: 1, known: () => catalogs })
    const acknowledgement = new Acknowledgement(runtime, 'expand_contract')
    return {
      catalogs,
      acknowledged: (state: typeof STATE | undefined = STATE) => acknowledgement.of(state, NOW)[MIGRATION.id],
    }
  }

  it.each([
    { what: 'what its one catalog says', known: [inUse(phases(7))], epoch: 7 },
    { what: 'the lowest of those in use', known: [inUse(phases(7)), inUse(phases(6))], epoch: 6 },
    { what: 'what is in force once all leases are over', known: [over(phases(5))], epoch: 7 },
    { what: 'nothing of a lease that is over', known: [over(phases(5)), inUse(phases(7))], epoch: 7 },
    { what: 'nothing of another database', known: [inUse(phases(7)), inUse(phases(2, 'there'))], epoch: 7 },
    { what: 'nothing before it has read', known: [], epoch: undefined },
    { what: 'nothing when it has read another database alone', known: [inUse(phases(7, 'there'))], epoch: undefined },
    {
      what: 'nothing while one catalog has no row',
      known: [inUse(phases(7)), inUse(phases(undefined))],
      epoch: undefined,
    },
    { what: 'nothing while it is barred', known: [inUse(phases(7)), inUse(barred)], epoch: undefined },
    { what: 'nothing while it reads no phases', known: [inUse(phases(7)), inUse(undefined)], epoch: undefined },
  ])('is $what', async ({ known, epoch }) => {
    expect((await acknowledging(...known)).acknowledged()).toBe(epoch)
  })

  it('is remembered to have been read when the catalog is forgotten', async () => {
    const { catalogs, acknowledged } = await acknowledging(inUse(phases(7)))
    expect(acknowledged()).toBe(7)
    catalogs.length = 0
    expect(acknowledged({ ...STATE, epochs: { ...STATE.epochs, [MIGRATION.id]: 8 } })).toBe(8)
  })

  it('is nothing before the first answer, and nothing of a migration without a row', async () => {
    const { acknowledged } = await acknowledging(inUse(phases(7)))
    const runtime = await createRuntime({ migrations: [MIGRATION], phases: databasePhases({ schema: 'other' }) })
    runtime.catalogReaders.push({ leaseMs: 1, known: () => [inUse(phases(7))] })
    expect(new Acknowledgement(runtime, 'expand_contract').of(STATE, NOW)).toEqual({})
    expect(new Acknowledgement(runtime, 'other').of(undefined, NOW)).toEqual({})
    expect(new Acknowledgement(runtime, 'other').of({ installation: 'here', epochs: {} }, NOW)).toEqual({})
    expect(acknowledged()).toBe(7)
  })
})
