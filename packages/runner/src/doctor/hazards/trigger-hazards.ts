import { quoteIdentifier, shellWord } from '@expand-contract/core'
import { qualified, syncNames } from '../../sql/sync-names.ts'
import { counted, type Hazard, listed } from '../hazard.ts'
import type { TableDoctorFacts } from '../table-facts.ts'
import { insertsAll, isDynamic, listsColumns, selectsAll, withColumns, writesTable } from './function-text.ts'
import { oldNames, subjectOf } from './subject.ts'

type TableHazard = Hazard<TableDoctorFacts>

const firing: TableHazard = {
  code: 'D11',
  title: 'Triggers or rules fire for each row that is filled',
  level: 'error',
  stops: 'backfill',
  overridable: true,
  find(facts) {
    const {
      firing: found,
      facts: { server },
    } = facts
    if (found === undefined) return []
    const names = [...new Set(found.triggers.map(({ name }) => name))]
    const always = found.triggers.some(({ enabled }) => enabled !== 'O')
    return [
      {
        subject: subjectOf(facts),
        what: `${names.length === 1 ? 'trigger or rule' : 'triggers or rules'} ${listed(names)} would fire for each row that is filled`,
        why: 'What they write elsewhere cannot be taken back, and it would be written for changes that nobody has made.',
        remedy:
          server.version >= 150_000 && !always
            ? `GRANT SET ON PARAMETER session_replication_role TO ${quoteIdentifier(server.role)};`
            : 'Run the backfill as a superuser, or declare them AFTER UPDATE OF the columns that they are about.',
      },
    ]
  },
}

const syncTrigger: TableHazard = {
  code: 'D18',
  title: 'The sync trigger is not as expand made it, on every member',
  level: 'error',
  stops: 'backfill',
  mendedByExpand: true,
  find(facts) {
    const {
      migration,
      syncProblems,
      facts: { trigger, control },
    } = facts
    // Before the first expand there is none, and nothing is wrong with that.
    if (trigger?.functionHash === undefined) return []
    const names = syncNames(migration)
    return syncProblems.map(({ code, table, message }) => ({
      subject: table ?? subjectOf(facts),
      what: message.replace(/\.$/u, ''),
      why: 'Writers that do not come through the application leave the columns apart, without an error.',
      remedy:
        code === 'not-always'
          ? [names.firstTrigger, names.trigger]
              .filter((name) => message.includes(JSON.stringify(name)))
              .map((name) => `ALTER TABLE ${tableOf(facts, table)} ENABLE ALWAYS TRIGGER ${quoteIdentifier(name)};`)
              .join('\n')
          : `Run: expand-contract expand ${shellWord(migration.id)} (it makes what is missing in ${JSON.stringify(control.schema)}); rows that were written meanwhile: expand-contract repair ${shellWord(migration.id)}`,
    }))
  },
}

const tableOf = ({ table }: TableDoctorFacts, name: string | undefined): string => {
  const member = table?.members.find(({ schema, name: own }) => `${schema}.${own}` === name)
  return member === undefined ? (name ?? '') : qualified(member.schema, member.name)
}

const writing: TableHazard = {
  code: 'D40',
  title: 'A trigger writes the table behind the statement that fires it',
  level: 'warning',
  stops: 'contract',
  find: (facts) =>
    byFunction(facts, ({ source }, name) => writesTable(source, name)).map(
      ({ name, relation, function: fn, after }) => ({
        subject: `trigger ${name} of ${relation}`,
        what: `trigger ${name} of ${relation} writes ${subjectOf(facts)} ${after ? 'behind' : 'before'} the statement (${fn})`,
        why: 'Only the sync trigger keeps both columns in step there; a write of one column alone counts as one that bypasses the application, which keeps contract waiting.',
        remedy: `Write ${oldNames(facts)} and its counterpart there, once expand has run, or write neither; to see it: SELECT pg_get_functiondef('${fn.replaceAll("'", "''")}'::regprocedure);`,
      }),
    ),
}

const dynamic: TableHazard = {
  code: 'D41',
  title: 'A trigger runs SQL that is made at run time',
  level: 'warning',
  stops: undefined,
  find: (facts) =>
    byFunction(facts, ({ source }) => isDynamic(source)).map(({ name, relation, function: fn }) => ({
      subject: `trigger ${name} of ${relation}`,
      what: `trigger ${name} of ${relation} runs EXECUTE (${fn})`,
      why: 'Nobody can tell from its text whether it names the old column, and it fails when it does and the column is gone.',
      remedy: `Look at it, and write the statement out where it can be: SELECT pg_get_functiondef('${fn.replaceAll("'", "''")}'::regprocedure);`,
    })),
}

const unreadable: TableHazard = {
  code: 'D42',
  title: 'A trigger is written in a language that cannot be looked into',
  level: 'warning',
  stops: undefined,
  find: (facts) =>
    byFunction(facts, ({ language }) => !['plpgsql', 'sql', 'internal', 'c'].includes(language)).map(
      ({ name, relation, language, function: fn }) => ({
        subject: `trigger ${name} of ${relation}`,
        what: `trigger ${name} of ${relation} is written in ${language} (${fn})`,
        why: 'Nobody can tell from its text which columns it reads and sets.',
        remedy: 'Look at it, and try it beside the new column on a copy.',
      }),
    ),
}

type Trigger = NonNullable<TableDoctorFacts['surroundings']>['triggers'][number]

const byFunction = (
  { surroundings, table }: TableDoctorFacts,
  is: (trigger: Trigger, table: string) => boolean,
): readonly Trigger[] => (surroundings?.triggers ?? []).filter((trigger) => is(trigger, table?.name ?? ''))

/** Functions whose result has another shape once the table has one column more. */
const rowFunctions: TableHazard = {
  code: 'D43',
  title: 'A function returns all columns of the table, and fails when there is one more',
  level: 'error',
  stops: 'expand',
  overridable: true,
  find(facts) {
    const { surroundings, table, migration } = facts
    if (table === undefined || facts.expanded) return []
    const columns = surroundings?.members[0]?.columns ?? []
    const added = migration.new.length
    return (surroundings?.functions ?? []).flatMap(
      ({ name, language, source, definition, returnsRow, returnsColumns }) => {
        const lists = returnsRow && listsColumns(source, language)
        const takesAll =
          (returnsColumns && !returnsRow && selectsAll(source, table.name)) || insertsAll(source, table.name)
        if (!lists && !takesAll) return []
        const written = definition === null || lists ? undefined : withColumns(definition, table.name, columns)
        return [
          {
            subject: `function ${name}`,
            what: lists
              ? `function ${name} returns rows of ${subjectOf(facts)}, and writes their columns out`
              : `function ${name} takes all columns of ${subjectOf(facts)} for a list that is written out`,
            why: `With ${counted(added, 'column')} more in the table it fails (42804, or 42601 for an INSERT), from expand on.`,
            remedy:
              written === undefined || written === definition
                ? `Let it select * of the table, or return the columns that it selects: SELECT pg_get_functiondef('${name.replaceAll("'", "''")}'::regprocedure);`
                : `${written.trimEnd()};`,
          },
        ]
      },
    )
  },
}

/** What runs behind statements. */
export const TRIGGER_HAZARDS: readonly TableHazard[] = [firing, syncTrigger, writing, dynamic, unreadable, rowFunctions]
