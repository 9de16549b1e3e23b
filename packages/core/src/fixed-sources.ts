import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import type { FlagSource } from './flag-source.ts'
import { PHASES, type Phase } from './phase.ts'
import type { PhaseSource } from './phase-source.ts'
import { refusePhase } from './recorded-phase.ts'

/** A flag source whose flags a program sets: for tests, scripts and a first look. */
export interface FixedFlags extends FlagSource {
  set(flag: string, enabled: boolean): void
}

/**
 * Flags from a record; those that are not in it are false. `createRuntime` refuses a record with a flag that no migration
 * has: a misspelt flag would read the old side for ever, and a test with it would prove nothing.
 */
export function fixedFlags(flags: Readonly<Record<string, boolean>> = {}): FixedFlags {
  const values = new Map(Object.entries(flags))
  return {
    isEnabled: (flag) => values.get(flag) === true,
    set: (flag, enabled) => void values.set(flag, enabled),
    start: (known) =>
      refuseUnknown({
        given: values,
        known,
        why: (flag) => `The flag ${flag} is set, but no migration of this runtime has it.`,
      }),
    ageMs: () => 0,
  }
}

/** A phase source whose phases a program sets: for tests, scripts and a first look. */
export interface FixedPhases extends PhaseSource {
  set(migrationId: string, phase: Phase | undefined): void
}

/**
 * Phases from a record by migration id; those that are not in it are left to the columns, so no flag counts for them. `createRuntime` refuses a record
 * with an id that no migration has.
 * @throws EC_PHASE
 */
export function fixedPhases(phases: Readonly<Record<string, Phase>> = {}): FixedPhases {
  const values = new Map<string, Phase | undefined>()
  const set = (migrationId: string, phase: Phase | undefined): void => {
    if (phase !== undefined && !Object.hasOwn(PHASES, phase)) refusePhase(migrationId, phase)
    values.set(migrationId, phase)
  }
  for (const [migrationId, phase] of Object.entries(phases)) set(migrationId, phase)
  return {
    phaseOf: (migrationId) => values.get(migrationId),
    set,
    start: (known) =>
      refuseUnknown({
        given: values,
        known,
        why: (id) => `A phase is set for ${id}, but no migration of this runtime has that id.`,
      }),
  }
}

interface GivenNames {
  readonly given: ReadonlyMap<string, unknown>
  readonly known: readonly string[]
  /** What is wrong with one that is not known. */
  readonly why: (unknown: string) => string
}

function refuseUnknown({ given, known, why }: GivenNames): void {
  const unknown = [...given.keys()].find((name) => !known.includes(name))
  if (unknown === undefined) return
  const code: CoreErrorCode = 'EC_UNKNOWN_MIGRATION'
  const names = known.length === 0 ? 'there are none yet' : known.map((name) => JSON.stringify(name)).join(', ')
  throw new ExpandContractError(code, {
    message: why(JSON.stringify(unknown)),
    hint: `Correct it to one that is declared (${names}), or declare the migration.`,
  })
}
