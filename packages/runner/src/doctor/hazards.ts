import type { Hazard } from './hazard.ts'
import { DEPENDENT_HAZARDS } from './hazards/dependent-hazards.ts'
import { PROJECT_HAZARDS } from './hazards/project-hazards.ts'
import { REFUSAL_HAZARDS } from './hazards/refusal-hazards.ts'
import { ROW_HAZARDS } from './hazards/row-hazards.ts'
import { SERVER_HAZARDS } from './hazards/server-hazards.ts'
import { TABLE_HAZARDS } from './hazards/table-hazards.ts'
import { TRIGGER_HAZARDS } from './hazards/trigger-hazards.ts'
import type { TableDoctorFacts } from './table-facts.ts'

const byCode = (one: { readonly code: string }, other: { readonly code: string }): number =>
  Number(one.code.slice(1)) - Number(other.code.slice(1))

/** What is looked for in a table and its migration, in the order of their codes. */
export const MIGRATION_HAZARDS: readonly Hazard<TableDoctorFacts>[] = [
  ...[DEPENDENT_HAZARDS, PROJECT_HAZARDS, REFUSAL_HAZARDS, ROW_HAZARDS, TABLE_HAZARDS, TRIGGER_HAZARDS].flat(),
].sort(byCode)

/** Every hazard, for the reference page: what is so for a server, and what is so for a migration. */
export const HAZARDS: readonly (Omit<Hazard<never>, 'find'> & { readonly about: 'server' | 'migration' })[] = [
  ...SERVER_HAZARDS.map(({ find: _, ...hazard }) => ({ ...hazard, about: 'server' as const })),
  ...MIGRATION_HAZARDS.map(({ find: _, ...hazard }) => ({ ...hazard, about: 'migration' as const })),
].sort(byCode)
