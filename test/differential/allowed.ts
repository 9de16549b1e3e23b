import type { ReasonCode } from '@expand-contract/sql'
import type { Verdict } from './trial.ts'

interface Allowed {
  /** Matched against the id of the example. */
  readonly examples: RegExp
  readonly codes: readonly ReasonCode[]
  readonly why: string
}

/** Statements that may be refused, or kept on the old side: always with one of these reasons, never silently. */
const ALLOWED: readonly Allowed[] = [
  {
    examples: /^volatile expressions\/merge random$/u,
    codes: ['evaluated-twice'],
    why: 'There is no place in the statement where a volatile value could be computed once for both columns.',
  },
  {
    examples: /^merge\/a star of values$/u,
    codes: ['several-columns'],
    why: 'MERGE has no place where the columns of a star could be numbered.',
  },
  {
    examples: /^json and whole rows\/(?:field of a row.*|star of a row|populate|null of the row type)$/u,
    codes: ['field-of-row', 'row-type', 'whole-row-in-function'],
    why: "The table's own row type has the physical columns.",
  },
  {
    examples: /^(?:group by|distinct|aggregates|window functions)\//u,
    codes: ['grouped-by-key'],
    why: 'The primary key itself migrates, so that the one of the other side determines no column.',
  },
  {
    examples: /^(?:ddl on other tables\/view over it|create table as\/materialized view)$/u,
    codes: ['read-through-view'],
    why: 'A view has the columns that were there when it was defined.',
  },
  {
    examples: /^hostile text\/(?:read with )?standard_conforming_strings off$/u,
    codes: ['backslash-strings'],
    why: 'The parser reads strings as the standard says.',
  },
]

interface Tolerated {
  readonly examples: RegExp
  /** Matched against the difference. */
  readonly difference: RegExp
  readonly why: string
}

/** Differences that an application can see, and that are accepted for the reason given. */
const TOLERATED: readonly Tolerated[] = [
  {
    examples: /./u,
    difference: /(?:^|: )the twin fails with 42702 GROUP BY "?.*"? is ambiguous; this succeeds/u,
    why: 'GROUP BY names several output columns that go by the name of a shadow column: they are grouped by the first of them.',
  },
  {
    examples: /./u,
    difference:
      /(?:^|: )(?:the twin fails with 42P08 inconsistent types deduced for parameter|code of the error: twin 42P08, here (?:23|42804))/u,
    why: 'A parameter of which PostgreSQL could not tell the type is cast for the other column, which tells it.',
  },
  {
    examples: /^(?:errors\/too long|errors\/trailing spaces|update\/overflow of varchar)/u,
    difference: /: fails with 22001 value too long for type character varying/u,
    why: 'An application of the new side writes what the old column cannot hold: refused while that is written too.',
  },
  {
    examples: /^insert by key\/key out of range of int4$/u,
    difference: /: fails with 22003 integer out of range$/u,
    why: 'The same for numbers.',
  },
  {
    examples: /^errors\/trailing spaces/u,
    difference: /"x {60}"\], here .*"x {39}"\]$/u,
    why: 'The same for spaces, which varchar(40) cuts off in silence, as SQL demands.',
  },
  {
    examples: /^insert of rows as columns\/too many of them/u,
    difference: /: message of the error: twin INSERT has more expressions than target columns, here each UNION query/u,
    why: 'How many columns a function has is not known, so a query of as many as there are places stands beside it.',
  },
  {
    examples: /^insert\/DEFAULT VALUES: an error/u,
    difference: /: (?:message|column) of the error: twin null value in column/u,
    why: 'Of several columns that must not be NULL the first is reported, and the new one stands last.',
  },
  {
    examples: /./u,
    difference: /(?:^|: )(?:code of the error: twin 42804, here (?:22023|22P02|23\d{3}))/u,
    why: 'A column that is not there is assigned by a cast, which takes more than an assignment does.',
  },
  {
    examples: /^names\/set search_path off$/u,
    difference: /fails with 42704 type "mood" does not exist/u,
    why: 'The names in a mapping follow the search path of the session; this one leaves the schema of its type out.',
  },
  {
    examples: /^(?:ddl on other tables\/view over it|create table as\/materialized view)$/u,
    difference: /: (?:fails with 42703 |code of the error: twin 42701, here 42703$)/u,
    why: 'DDL is not rewritten; a view is defined over the columns that exist.',
  },
]

/** What is wrong with a verdict, or undefined. */
export function disallowed({ example, outcome, reasons, problem, invalid }: Verdict): string | undefined {
  const { id } = example
  // What PostgreSQL would refuse may be refused before it is sent.
  if (outcome === 'refused' && invalid) return undefined
  if (outcome === 'kept' || outcome === 'refused') {
    const unexpected = reasons.filter(
      (code) => !ALLOWED.some((one) => one.examples.test(id) && one.codes.some((allowed) => allowed === code)),
    )
    if (unexpected.length > 0) return `${outcome} because of ${unexpected.join(', ')}: ${problem ?? 'same results'}`
    if (outcome === 'refused') return undefined
  }
  if (problem === undefined) return undefined
  return isTolerated(id, problem) ? undefined : problem
}

export const isTolerated = (id: string, problem: string): boolean =>
  TOLERATED.some((one) => one.examples.test(id) && one.difference.test(problem))
