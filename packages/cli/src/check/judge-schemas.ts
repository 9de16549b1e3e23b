import type { ProjectFacts } from '@expand-contract/runner'
import { CHECK_RULES } from './check-rules.ts'
import type { Finding, Place } from './finding.ts'
import { type CheckedMigration, isRunning, sameTable } from './known-migration.ts'

/**
 * What the migration tools of ORMs would make of the schema while a migration runs: drizzle-kit drops what its tables lack, and TypeORM's `synchronize`
 * does as soon as an application starts that does not know both columns.
 */
export function judgeSchemas(
  { drizzleKit, typeorm }: ProjectFacts,
  migrations: readonly CheckedMigration[],
): readonly Finding[] {
  const found = (migration: CheckedMigration, file: string, message: string, help: string): Finding => ({
    ...{ rule: 'EC_SCHEMA_WOULD_DROP', level: CHECK_RULES.EC_SCHEMA_WOULD_DROP.level, message, help },
    place: { file, text: '', start: 0, end: 0 } satisfies Place,
    note: `phase: ${migration.known?.phase} (${migration.known?.source})`,
  })
  return migrations
    .filter(({ known }) => isRunning(known?.phase))
    .flatMap((migration) => {
      const { id, table } = migration
      const own = drizzleKit?.tables.find(({ schema, name }) => sameTable(table, { schema, name }))
      const missing = [...migration.old, ...migration.new].filter((name) => !own?.columns.includes(name))
      return [
        ...(drizzleKit === undefined || own === undefined || missing.length === 0
          ? []
          : [
              found(
                migration,
                drizzleKit.file,
                `drizzle-kit would generate a drop of ${missing.join(', ')} of ${id}`,
                'let its schema be a file with physicalTables(schema) of @expand-contract/drizzle',
              ),
            ]),
        ...(typeorm?.synchronize === true
          ? [
              found(
                migration,
                typeorm.file,
                `synchronize: true, so that an application which does not know both columns of ${id} drops one`,
                'set synchronize: false, and run migrations',
              ),
            ]
          : []),
      ]
    })
}
