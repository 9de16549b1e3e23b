import type { MigrationFindingCode } from '@expand-contract/core'
import { quoteIdentifier } from '@expand-contract/core'
import { counted, type Hazard, listed } from '../hazard.ts'
import type { TableDoctorFacts } from '../table-facts.ts'
import { oldNames, subjectOf } from './subject.ts'

type TableHazard = Hazard<TableDoctorFacts>

/** Which hazard a finding of `checkMigrations` is. The others say what a refusal of `expand`, or a hazard with a remedy of its own, says as well. */
const CHECKED: Readonly<Record<MigrationFindingCode, Hazard<never>['code'] | undefined>> = {
  'value-range': 'D51',
  'not-reversible': 'D52',
  'unwrapped-writer': 'D60',
  'check-failed': 'D64',
  'not-checked': 'D64',
  'volatile-function': 'D65',
  'mapping-fails': 'D65',
  'missing-table': undefined,
  'missing-columns': undefined,
  'missing-new-column': undefined,
  'old-column-gone': undefined,
  'never-had-column': undefined,
  conflict: undefined,
  'unknown-type': undefined,
  'type-differs': undefined,
  'generated-column': undefined,
  'user-trigger': undefined,
  'unseen-writer': undefined,
  view: undefined,
  'other-sessions': undefined,
}

/** In the words of `checkMigrations`. */
const checked = (hazard: Omit<TableHazard, 'find'>, remedy?: (facts: TableDoctorFacts) => string): TableHazard => ({
  ...hazard,
  find: (facts) =>
    facts.checked
      .filter(({ code }) => CHECKED[code] === hazard.code)
      .map(({ message, hint }) => ({
        subject: subjectOf(facts),
        what: message.replace(/\.$/u, '').replace(/^(?:The|Of|A) /u, (word) => word.toLowerCase()),
        why: hint,
        remedy: remedy?.(facts) ?? hint,
      })),
})

const outside = checked({
  code: 'D51',
  title: 'Rows have values that the new type, or the mapping, does not take',
  level: 'error',
  stops: 'expand',
})

const lossy = checked({
  code: 'D52',
  title: 'Values of rows do not come back from the new column',
  level: 'error',
  stops: 'switch',
  overridable: true,
})

const mappings = checked({
  code: 'D65',
  title: 'A mapping calls what has several values, or yields what the column does not take',
  level: 'error',
  stops: 'expand',
})

const notChecked = checked({
  code: 'D64',
  title: 'Something could not be looked at',
  level: 'warning',
  stops: undefined,
})

const unwrapped = checked(
  { code: 'D60', title: 'A session writes the old column past the library', level: 'warning', stops: 'contract' },
  () =>
    "To see them: SELECT pid, usename, application_name, client_addr, query FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend';",
)

const violating: TableHazard = {
  code: 'D10',
  title: 'Rows violate a check that is NOT VALID',
  level: 'warning',
  stops: 'switch',
  find: (facts) =>
    facts.rows.violating.map(({ constraint, relation, rows }) => {
      const expression = facts.surroundings?.constraints.find(
        ({ name, relation: on }) => name === constraint && on === relation,
      )?.expression
      return {
        subject: relation,
        what: `${counted(rows, 'row violates', 'rows violate')} the check ${constraint} of ${relation}, which is NOT VALID`,
        why: 'Whatever updates such a row fails, the backfill included: it leaves the row out and records it, and verify counts it.',
        remedy: `-- correct what this shows, then let PostgreSQL hold it:\nSELECT * FROM ${relation} WHERE NOT (${expression});\nALTER TABLE ${relation} VALIDATE CONSTRAINT ${quoteIdentifier(constraint)};`,
      }
    }),
}

const bySession: TableHazard = {
  code: 'D53',
  title: 'A mapping has another value in a session with other settings',
  level: 'error',
  stops: 'backfill',
  overridable: true,
  find: (facts) =>
    facts.rows.mappingDependsOn.length === 0
      ? []
      : [
          {
            subject: subjectOf(facts),
            what: `a mapping of ${facts.migration.id} has another value under another ${facts.rows.mappingDependsOn.join(', ')}`,
            why: 'Each writer would store what its own session makes of it, the backfill as well: rows part without an error.',
            remedy: /TimeZone/u.test(facts.rows.mappingDependsOn.join())
              ? "Say the time zone in it: (created AT TIME ZONE 'UTC')."
              : 'Say the format in it: to_date(value, format), to_char(value, format), round(value, digits), encode(value, format).',
          },
        ],
}

const defaults: TableHazard = {
  code: 'D54',
  title: 'The default of the new column is not what the mapping makes of that of the old one',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const { defaultDependsOn, defaultsPart } = facts.rows
    if (!defaultsPart && defaultDependsOn.length === 0) return []
    const value = facts.shape?.old[0]?.defaults[0] ?? ''
    return [
      {
        subject: subjectOf(facts),
        what: defaultsPart
          ? `the default of ${listed(facts.migration.new.map(({ name }) => name))} is another value than the mapping makes of ${value}`
          : `what the mapping makes of the default ${value} of ${oldNames(facts)} is another value under another ${defaultDependsOn.join(', ')}`,
        why: 'A row that leaves the column out has one value by the old default and another by the new one, from contract on.',
        remedy: defaultsPart
          ? `ALTER TABLE ${subjectOf(facts)} ALTER COLUMN ${quoteIdentifier(facts.migration.new[0]?.name ?? '')} DROP DEFAULT; -- contract gives it the right one`
          : 'Say time zone or format in the mapping, as for D53.',
      },
    ]
  },
}

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'float4', 'float8'])

const asString: TableHazard = {
  code: 'D55',
  title: 'The new type is read as a string where the old one was a number',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const bases = (side: 'old' | 'new'): readonly string[] =>
      (facts.shape?.[side] ?? []).map(({ base }) => base.replace(/^pg_catalog\./u, ''))
    const wide = bases('new').filter((base) => base === 'int8' || base === 'numeric')
    if (wide.length === 0 || !bases('old').some((base) => INTEGERS.has(base))) return []
    const int8 = wide.includes('int8')
    return [
      {
        subject: subjectOf(facts),
        what: `pg and postgres-js read ${wide.join(', ')} as a string, and ${bases('old').join(', ')} as a number`,
        why: 'As long as the declaration stands the application gets what it always got; with the plain column of the new type it gets strings.',
        remedy: int8
          ? 'Before the declaration goes: pg.types.setTypeParser(pg.types.builtins.INT8, Number), or BigInt; in TypeORM a transformer, in Drizzle bigint({ mode }).'
          : 'Before the declaration goes: pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number) where that is exact enough; in TypeORM a transformer.',
      },
    ]
  },
}

/** What rows and types say. */
export const ROW_HAZARDS: readonly TableHazard[] = [
  ...[violating, outside, lossy, bySession, defaults, asString, unwrapped, notChecked, mappings],
]
