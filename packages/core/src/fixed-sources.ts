import type { FlagSource } from './flag-source.ts'
import type { Phase } from './phase.ts'
import type { PhaseSource } from './phase-source.ts'

/** A flag source whose flags a program sets: for tests, scripts and a first look. */
export interface FixedFlags extends FlagSource {
  set(flag: string, enabled: boolean): void
}

/** Flags from a record; those that are not in it are false. */
export function fixedFlags(flags: Readonly<Record<string, boolean>> = {}): FixedFlags {
  const values = new Map(Object.entries(flags))
  return {
    isEnabled: (flag) => values.get(flag) === true,
    set: (flag, enabled) => void values.set(flag, enabled),
    ageMs: () => 0,
  }
}

/** A phase source whose phases a program sets: for tests, scripts and a first look. */
export interface FixedPhases extends PhaseSource {
  set(migrationId: string, phase: Phase | undefined): void
}

/** Phases from a record by migration id; those that are not in it are left to the columns. */
export function fixedPhases(phases: Readonly<Record<string, Phase>> = {}): FixedPhases {
  const values = new Map<string, Phase | undefined>(Object.entries(phases))
  return {
    phaseOf: (migrationId) => values.get(migrationId),
    set: (migrationId, phase) => void values.set(migrationId, phase),
  }
}
