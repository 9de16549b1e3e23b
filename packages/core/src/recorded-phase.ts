import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import type { Migration } from './migration.ts'
import type { Observer } from './observer.ts'
import { PHASES, type Phase, type PhysicalState } from './phase.ts'
import type { PhaseSource } from './phase-source.ts'

/**
 * The phase of a migration as its source knows it. Whoever waits for a flag to move reads is told, once per migration, that
 * none will while no phase is recorded.
 * @throws EC_PHASE when the source answers something else
 */
export function phaseReader(
  phases: PhaseSource | undefined,
  observer: Observer,
): (migration: Migration, physical: PhysicalState) => Phase | undefined {
  const told = new Set<string>()
  return (migration, physical) => {
    const phase = phases?.phaseOf(migration.id)
    if (phase !== undefined) return Object.hasOwn(PHASES, phase) ? phase : refusePhase(migration.id, phase)
    if (physical === 'both' && migration.flag !== undefined && !told.has(migration.id)) {
      told.add(migration.id)
      const message = `Both columns of ${JSON.stringify(migration.id)} exist and no phase is recorded for it, so both are written and reads stay on the old one, whatever the flag ${JSON.stringify(migration.flag)} says. Once the new column is filled and compared, record the phase "switch" to let the flag decide.`
      observer.onWarning?.({ code: 'phase-unknown', message, migration: migration.id })
    }
    return undefined
  }
}

export function refusePhase(migrationId: string, phase: unknown): never {
  const code: CoreErrorCode = 'EC_PHASE'
  throw new ExpandContractError(code, {
    message: `The migration ${JSON.stringify(migrationId)} cannot be in the phase ${JSON.stringify(phase)}: there is none of that name.`,
    hint: `Use one of ${Object.keys(PHASES).join(', ')}; undefined leaves it to the columns.`,
    migration: migrationId,
  })
}
