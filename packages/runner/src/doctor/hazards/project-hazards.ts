import { type Hazard, listed } from '../hazard.ts'
import type { TableDoctorFacts } from '../table-facts.ts'
import { subjectOf } from './subject.ts'

type TableHazard = Hazard<TableDoctorFacts>

const drizzleKit: TableHazard = {
  code: 'D14',
  title: 'drizzle-kit would drop the new column',
  level: 'warning',
  stops: undefined,
  find({ migration, table, project: { drizzleKit: kit } }) {
    if (kit === undefined) return []
    const schema = migration.table.schema ?? table?.schema ?? 'public'
    const own = kit.tables.find((each) => each.name === migration.table.name && (each.schema ?? 'public') === schema)
    const missing = migration.new.map(({ name }) => name).filter((name) => !own?.columns.includes(name))
    if (own === undefined || missing.length === 0) return []
    return [
      {
        subject: kit.file,
        what: `${kit.file} would generate DROP COLUMN ${listed(missing)} once the column is there`,
        why: 'The tables that it names have the columns of the application alone, and the kit drops what they lack; with migrating() of @expand-contract/drizzle it stops instead (EC_DRIZZLE_KIT).',
        remedy: 'Let its schema be a file with physicalTables(schema) of @expand-contract/drizzle.',
      },
    ]
  },
}

const synchronize: TableHazard = {
  code: 'D63',
  title: 'TypeORM synchronizes the schema when an application starts',
  level: 'warning',
  stops: 'expand',
  find: (facts) =>
    facts.project.typeorm?.synchronize === true
      ? [
          {
            subject: facts.project.typeorm.file,
            what: `${facts.project.typeorm.file} has synchronize: true`,
            why: `An older version of the application that starts, and knows nothing of ${listed(facts.migration.new.map(({ name }) => name))} of ${subjectOf(facts)}, drops it.`,
            remedy: 'Set synchronize: false, and run migrations.',
          },
        ]
      : [],
}

/** What tools of the project would do to the table. */
export const PROJECT_HAZARDS: readonly TableHazard[] = [drizzleKit, synchronize]
