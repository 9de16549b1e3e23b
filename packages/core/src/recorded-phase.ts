import type { CatalogPhases } from './catalog-phases.ts'
import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import { quoteIdentifier } from './identifier.ts'
import type { Migration } from './migration.ts'
import type { Observer } from './observer.ts'
import { PHASES, type Phase, type PhysicalState } from './phase.ts'
import type { PhaseSource, PhasesInCatalog } from './phase-source.ts'
import { shellWord } from './shell-word.ts'

/**
 * The phase of a migration as its source knows it. Whoever waits for a flag to move reads is told, once per migration, that
 * none will while no phase is recorded.
 * @throws EC_PHASE when the source answers something else
 */
export function phaseReader(
  phases: PhaseSource | undefined,
  observer: Observer,
): (migration: Migration, physical: PhysicalState, inCatalog: CatalogPhases | undefined) => Phase | undefined {
  const told = new Set<string>()
  const tellOnce = (migration: string, code: string, message: string): void => {
    if (told.has(migration)) return
    told.add(migration)
    observer.onWarning?.({ code, message, migration })
  }
  const where = phases?.inCatalog
  if (where !== undefined)
    return (migration, physical, inCatalog) => {
      const phase = phaseInCatalog(migration.id, inCatalog)
      if (phase === undefined && physical === 'both')
        tellOnce(migration.id, ...whyUnknown(migration.id, where, inCatalog))
      return phase
    }
  return (migration, physical) => {
    const phase = phases?.phaseOf(migration.id)
    if (phase !== undefined) return isPhase(phase) ? phase : refusePhase(migration.id, phase)
    if (physical === 'both' && migration.flag !== undefined && !told.has(migration.id)) {
      const message = `Both columns of ${JSON.stringify(migration.id)} exist and no phase is recorded for it, so both are written and reads stay on the old one, whatever the flag ${JSON.stringify(migration.flag)} says. Once the new column is filled and compared, record the phase "switch" to let the flag decide.`
      tellOnce(migration.id, 'phase-unknown', message)
    }
    return undefined
  }
}

/** The phase that a database has recorded; undefined where there is none, or none that this version knows. */
export function phaseInCatalog(migrationId: string, inCatalog: CatalogPhases | undefined): Phase | undefined {
  const phase = inCatalog?.recorded.get(migrationId)?.phase
  return phase !== undefined && isPhase(phase) ? phase : undefined
}

const isPhase = (phase: string): phase is Phase => Object.hasOwn(PHASES, phase)

function whyUnknown(
  migrationId: string,
  { schema }: PhasesInCatalog,
  inCatalog: CatalogPhases | undefined,
): readonly [code: string, message: string] {
  const id = JSON.stringify(migrationId)
  const behaviour = `Both columns of ${id} exist, so both are written, and reads stay on the old one, whatever a flag says.`
  const name = quoteIdentifier(schema)
  const recorded = inCatalog?.recorded.get(migrationId)
  if (recorded !== undefined)
    return [
      'phase-unreadable',
      `The phase of ${id} is recorded as ${JSON.stringify(recorded.phase)}, which this version does not know. ${behaviour} Upgrade expand-contract in this program.`,
    ]
  if (inCatalog?.state === 'forbidden')
    return [
      'phase-unknown',
      `This role may not read ${name}.migrations, so the phase of ${id} is not known. ${behaviour} Have the owner of the schema run what controlGrants() prints.`,
    ]
  if (inCatalog?.state === 'readable')
    return [
      'phase-unknown',
      `The table ${name}.migrations has no row for ${id}. ${behaviour} Expand it by \`expand-contract expand ${shellWord(migrationId)}\`, which records the phase.`,
    ]
  return [
    'phase-unknown',
    `The database has no table ${name}.migrations, so the phase of ${id} is not known. ${behaviour} Install it by \`expand-contract init\`, or installControl(pool).`,
  ]
}

export function refusePhase(migrationId: string, phase: unknown): never {
  const code: CoreErrorCode = 'EC_PHASE'
  throw new ExpandContractError(code, {
    message: `The migration ${JSON.stringify(migrationId)} cannot be in the phase ${JSON.stringify(phase)}: there is none of that name.`,
    hint: `Use one of ${Object.keys(PHASES).join(', ')}; undefined leaves it to the columns.`,
    migration: migrationId,
  })
}
