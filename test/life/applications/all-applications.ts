import { drizzleApplication } from './drizzle-application.ts'
import type { ApplicationKind } from './life-application.ts'
import { pgApplication } from './pg-application.ts'
import { postgresJsApplication } from './postgres-js-application.ts'
import { typeormApplication } from './typeorm-application.ts'

export const APPLICATIONS: readonly ApplicationKind[] = [
  pgApplication,
  typeormApplication,
  postgresJsApplication,
  drizzleApplication,
]
