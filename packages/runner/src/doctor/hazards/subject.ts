import { quoteTable } from '@expand-contract/core'
import type { TableDoctorFacts } from '../table-facts.ts'

/** `public.users`, `shop."Orders"`: as PostgreSQL quotes it where it must. */
export const subjectOf = ({ surroundings, table, migration }: TableDoctorFacts): string =>
  surroundings?.members[0]?.relation ?? quoteTable(table ?? migration.table)

/** The old columns for a sentence: `users.name`. */
export const oldNames = ({ migration }: TableDoctorFacts): string =>
  migration.old.map(({ name }) => `${migration.table.name}.${name}`).join(', ')
