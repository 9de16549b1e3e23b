import { describe, expect, it } from 'vitest'
import type { CatalogPhases } from './catalog-phases.ts'
import type { WarningEvent } from './observer.ts'
import type { PhysicalState } from './phase.ts'
import type { PhaseSource } from './phase-source.ts'
import { renameColumn } from './rename-column.ts'
import { createRuntime } from './runtime.ts'

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'read-new' })
const IN_CATALOG: PhaseSource = {
  inCatalog: { schema: 'control' },
  phaseOf: () => {
    throw new Error('is not asked')
  },
}
const of = (phase: string | undefined, state: CatalogPhases['state'] = 'readable'): CatalogPhases => ({
  state,
  installation: undefined,
  recorded: new Map(phase === undefined ? [] : [[MIGRATION.id, { phase, epoch: 3 }]]),
})

describe('phases that are read with the catalog', () => {
  const decided = async (given: readonly (CatalogPhases | undefined)[], physical: PhysicalState = 'both') => {
    const warnings: WarningEvent[] = []
    const runtime = await createRuntime({
      migrations: [MIGRATION],
      flags: { isEnabled: () => true },
      phases: IN_CATALOG,
      observer: { onWarning: (warning) => void warnings.push(warning) },
    })
    const request = { migration: MIGRATION, physical, scope: undefined, transaction: undefined }
    const decisions = given.map((phases) => runtime.decide({ ...request, phases }))
    return { runtime, warnings, decisions: decisions.map(({ read, write }) => `${read} ${write}`) }
  }

  it('are those of the connection that a statement is sent on', async () => {
    const { decisions, warnings, runtime } = await decided(
      ['switch', 'expand', 'contract', 'off'].map((phase) => of(phase)),
    )
    expect(decisions).toEqual(['new both', 'old both', 'new new', 'old old'])
    expect(warnings).toEqual([])
    expect(runtime.phasesInCatalog).toEqual({ schema: 'control' })
    expect(runtime.phaseOf(MIGRATION, of('switch'))).toBe('switch')
    expect(runtime.phaseOf(MIGRATION)).toBeUndefined()
  })

  it.each([
    { given: undefined, why: 'has no table "control".migrations' },
    { given: of(undefined, 'missing'), why: 'has no table "control".migrations' },
    { given: of(undefined, 'forbidden'), why: 'controlGrants()' },
    { given: of(undefined), why: 'has no row for "users.full_name"' },
    { given: of('later'), why: 'recorded as "later"' },
    { given: of('toString'), why: 'recorded as "toString"' },
  ])('are taken for expand while both columns exist, with one warning: $why', async ({ given, why }) => {
    const { decisions, warnings, runtime } = await decided([given, given])
    expect(decisions).toEqual(['old both', 'old both'])
    expect(warnings).toEqual([
      expect.objectContaining({ migration: MIGRATION.id, message: expect.stringContaining(why) }),
    ])
    expect(runtime.phaseOf(MIGRATION, given)).toBeUndefined()
  })

  it.each(['old', 'new'] as const)('do not matter while one side alone exists: %s', async (physical) => {
    const { decisions, warnings } = await decided([undefined, of('switch'), of('later')], physical)
    expect(new Set(decisions)).toEqual(new Set([`${physical} ${physical}`]))
    expect(warnings).toEqual([])
  })
})
