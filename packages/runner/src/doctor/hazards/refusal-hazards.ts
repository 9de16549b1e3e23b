import type { RunnerErrorCode } from '../../error-catalogue.ts'
import type { Hazard } from '../hazard.ts'
import type { TableDoctorFacts } from '../table-facts.ts'
import { subjectOf } from './subject.ts'

/** A refusal of `expand`, in its own words: what it would say one after the other is said here at once. */
const refusal = (code: Hazard<never>['code'], errors: readonly string[], title: string): Hazard<TableDoctorFacts> => ({
  code,
  title,
  level: 'error',
  stops: 'expand',
  refusal: errors[0] as RunnerErrorCode,
  find: (facts) =>
    facts.refusals
      .filter((error) => errors.includes(error.code))
      .map(({ message, hint, code: error }) => {
        const [, what = message, why = 'Nothing is changed while it is so.'] =
          /^(?:EC_\w+: )?(.+?)(?:: (.+)|\.)?$/su.exec(firstLine(message)) ?? []
        return {
          subject: subjectOf(facts),
          what: lower(what),
          why: `${why.replace(/^[a-z]/u, (letter) => letter.toUpperCase()).replace(/\.?$/u, '.')} expand refuses it (${error}).`,
          remedy: asSql(hint ?? ''),
        }
      }),
})

/** The message of an error of ours ends with its hint in a line of its own. */
const firstLine = (message: string): string => message.split('\n')[0] ?? message

const lower = (text: string): string => text.replace(/^The (?=[a-z])/u, 'the ').replace(/^There /u, 'there ')

/** A statement of SQL ends with a semicolon, so that it can be pasted; what is said besides is a comment. */
function asSql(hint: string): string {
  const [, sql, rest] = /^((?:ALTER|GRANT)\b[^;]*);?\s*(.*)$/su.exec(hint) ?? []
  if (sql === undefined || /\.\.\./u.test(sql)) return hint
  return `${sql};${rest === '' ? '' : ` -- ${rest}`}`
}

/** What `expand` refuses, by its own error; D02 is EC_STANDBY. */
export const REFUSAL_HAZARDS: readonly Hazard<TableDoctorFacts>[] = [
  refusal('D20', ['EC_TABLE_MISSING'], 'The table is not there'),
  refusal('D21', ['EC_COLUMN_MISSING'], 'An old column is not there'),
  refusal('D22', ['EC_GENERATED_COLUMN'], 'A migrating column is computed by PostgreSQL'),
  refusal('D23', ['EC_PARTITION_KEY'], 'The old column is in a partition key'),
  refusal('D24', ['EC_NOT_ROOT'], 'The migration is declared for a partition, or for a column of a parent'),
  refusal('D25', ['EC_PRIVILEGE'], 'The role lacks a privilege'),
  refusal('D26', ['EC_CONTROL_MISSING', 'EC_CONTROL_NEWER'], 'The control schema is not there, or of another version'),
  refusal('D27', ['EC_COLUMN_TYPE'], 'A column has another type or collation than declared'),
  refusal('D28', ['EC_NO_TYPE'], 'The type of the new column is not known'),
  refusal('D29', ['EC_MAPPING_FAILS'], 'PostgreSQL does not accept a mapping'),
  refusal('D30', ['EC_NEW_DEFAULT'], 'The new column has a default or NOT NULL already'),
  refusal('D31', ['EC_TRIGGER_ORDER'], 'A trigger runs outside of the sync trigger'),
  refusal('D32', ['EC_TOO_MANY_COLUMNS'], 'The table has no room for a column'),
  refusal('D33', ['EC_REWRITE'], 'Adding the column would write the table anew'),
  refusal('D34', ['EC_PUBLICATION'], 'The table is published without a list of columns'),
  refusal('D66', ['EC_COLUMN_IN_USE'], 'The new column is there already, with values of something else'),
]
