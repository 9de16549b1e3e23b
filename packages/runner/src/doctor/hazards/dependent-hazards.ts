import { mentions, quoteIdentifier } from '@expand-contract/core'
import { counted, type Hazard } from '../hazard.ts'
import type { DependentFacts, TableDoctorFacts } from '../table-facts.ts'
import { oldNames, subjectOf } from './subject.ts'

type TableHazard = Hazard<TableDoctorFacts>

const dependents = (facts: TableDoctorFacts, ...kinds: readonly DependentFacts['kind'][]): readonly DependentFacts[] =>
  (facts.surroundings?.dependents ?? []).filter(({ kind }) => kinds.includes(kind))

/** What a text of one table without literals tells is enough for a remedy that somebody reads; other views are for people. */
const TOO_MUCH = /'|\bJOIN\b|\bGROUP BY\b|\bORDER BY\b|\bDISTINCT\b|\bUNION\b|\bWITH\b|\bFROM\s[^;]*(?:,|\bFROM\b)/iu

/** The same query on the new column, under the name and of the type that the view has shown so far; undefined where the text does not tell. */
function onNewColumn({ migration, shape }: TableDoctorFacts, definition: string): string | undefined {
  const [old, added] = [shape?.old[0], shape?.new[0]]
  const single = shape?.old.length === 1 && shape.new.length === 1
  const copied = Object.values(migration.backward).every(({ kind }) => kind === 'column')
  if (old === undefined || added === undefined || !single || !copied || TOO_MUCH.test(definition)) return undefined
  const [name, other] = [quoteIdentifier(old.name), quoteIdentifier(added.name)]
  const spelled = [name, old.name]
    .map((text) => (text ?? '').replaceAll(/[$^.*+?()[\]{}|\\]/gu, String.raw`\$&`))
    .join('|')
  const column = new RegExp(
    String.raw`((?:^|[\s,(])(?:\w+\.)?)(?:${spelled})(?=[\s,;)]|$)(?=(\s*(?:,|FROM\b))?)`,
    'giu',
  )
  const cast = old.type === added.type ? '' : `::${old.type}`
  return definition.replaceAll(
    column,
    (_, before: string, output: string | undefined) =>
      `${before}${other}${cast}${output === undefined ? '' : ` AS ${name}`}`,
  )
}

const view: TableHazard = {
  code: 'D07',
  title: 'A view reads the old column',
  level: 'warning',
  stops: 'contract',
  find: (facts) =>
    dependents(facts, 'view', 'materialized view').map(({ kind, name, definition }) => {
      const query = definition === null ? undefined : onNewColumn(facts, definition.trim())
      const text =
        kind === 'materialized view' ? `DROP ${kind.toUpperCase()} ${name}` : `CREATE OR REPLACE VIEW ${name} AS`
      return {
        subject: `${kind} ${name}`,
        what: `${kind} ${name} reads ${oldNames(facts)}: contract would fail`,
        why: 'It shows the old column whatever the flag says, and keeps it from being dropped.',
        remedy:
          query === undefined || kind === 'materialized view'
            ? `Make it anew on the new column before contract: ${text} ...`
            : `${facts.expanded ? '' : '-- when the new column is filled:\n'}${text} ${query.replace(/;?$/u, ';')}`,
      }
    }),
}

const drops: readonly (readonly [TableHazard['code'], DependentFacts['kind'], string, string])[] = [
  ['D35', 'policy', 'A policy of row security reads the old column', 'DROP POLICY'],
  ['D36', 'generated column', 'A generated column is computed from the old column', 'ALTER TABLE'],
  ['D67', 'trigger', 'A trigger is declared for the old column', 'DROP TRIGGER'],
]

const other = drops.map(
  ([code, kind, title, verb]): TableHazard => ({
    ...{ code, title, level: 'warning', stops: 'contract' },
    find: (facts) =>
      dependents(facts, kind).map(({ name, relation }) => ({
        subject: `${kind} ${name} of ${relation}`,
        what: `${kind} ${name} of ${relation} names ${oldNames(facts)}: contract would fail`,
        why: 'PostgreSQL does not drop a column that it depends on.',
        remedy: `-- and make it anew on the new column:\n${verb === 'ALTER TABLE' ? `ALTER TABLE ${relation} DROP COLUMN ${name};` : `${verb} ${name} ON ${relation};`}`,
      })),
  }),
)

const functionNames: TableHazard = {
  code: 'D37',
  title: 'A function names the old column',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const { migration, surroundings } = facts
    const old = migration.old.map(({ name }) => name)
    const onTable = new Set((surroundings?.triggers ?? []).map((trigger) => trigger.function))
    const byText = (surroundings?.functions ?? []).filter(({ source, name }) => {
      const table = onTable.has(name) || mentions(source, [migration.table.name])
      return table && old.some((column) => mentions(source, [column]))
    })
    const names = new Set([...byText.map(({ name }) => name), ...dependents(facts, 'function').map(({ name }) => name)])
    return [...names].map((name) => ({
      subject: `function ${name}`,
      what: `function ${name} names ${oldNames(facts)}`,
      why: 'It fails once the column is gone, at its next call and not before, unless PostgreSQL knows what it depends on; what it writes is not seen by the application.',
      remedy: `Write it for both columns now, or for the new one before contract; to see it: SELECT pg_get_functiondef('${name.replaceAll("'", "''")}'::regprocedure);`,
    }))
  },
}

const references: TableHazard = {
  code: 'D38',
  title: 'A foreign key of another table leads to the old column',
  level: 'warning',
  stops: 'contract',
  find: (facts) =>
    (facts.surroundings?.referencing ?? []).map(({ name, relation, definition }) => ({
      subject: `foreign key ${name} of ${relation}`,
      what: `foreign key ${name} of ${relation} leads to ${oldNames(facts)}: contract would fail`,
      why: 'PostgreSQL does not drop a column that a foreign key leads to, nor the unique index under it.',
      remedy: `-- when one that leads to the new column is validated; so far it is ${definition}\nALTER TABLE ${relation} DROP CONSTRAINT ${quoteIdentifier(name)};`,
    })),
}

const serialUsers: TableHazard = {
  code: 'D39',
  title: 'Something asks for the sequence of the old column',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const { surroundings } = facts
    const users = (surroundings?.functions ?? []).filter(({ source }) => mentions(source, ['pg_get_serial_sequence']))
    const owned = surroundings?.sequences ?? []
    if (owned.length === 0) return []
    return users.map(({ name }) => ({
      subject: `function ${name}`,
      what: `function ${name} asks pg_get_serial_sequence, and ${owned.join(', ')} belongs to ${oldNames(facts)}`,
      why: 'It answers NULL for the old column once the sequence belongs to the new one, and before that for the new one.',
      remedy: `Name the sequence itself in it: nextval('${owned[0]?.replaceAll("'", "''")}').`,
    }))
  },
}

const drawn: TableHazard = {
  code: 'D58',
  title: 'The old column draws its values from a volatile default',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const columns = facts.table?.columns ?? []
    const drawing = (facts.shape?.old ?? []).filter(({ drawn: each, name }) => {
      const column = columns.find((found) => found.name === name)
      // contract leads these to the new column as they are.
      return each && column?.identity !== true && column?.defaults.some((text) => /\bnextval\(/u.test(text)) !== true
    })
    if (drawing.length === 0) return []
    return [
      {
        subject: subjectOf(facts),
        what: `${oldNames(facts)} draws its values`,
        why: 'A row that gives the new column alone cannot be told from one that gives both.',
        remedy: 'Let contract move the default, and do not add it to the new column before.',
      },
    ]
  },
}

const foreignMembers: TableHazard = {
  code: 'D44',
  title: 'A partition is a foreign table',
  level: 'error',
  stops: 'expand',
  find: (facts) => {
    const foreign = (facts.surroundings?.members ?? []).filter(({ kind }) => kind === 'f')
    return foreign.map(({ relation }) => ({
      subject: relation,
      what: `${relation} is a foreign table`,
      why: `Its rows are elsewhere: the column is added to its description alone, every read of it would fail, and no trigger of ${counted(foreign.length, 'such table')} sees writes that are made there.`,
      remedy: `ALTER TABLE ${subjectOf(facts)} DETACH PARTITION ${relation};`,
    }))
  },
}

/** What names the old column, or belongs to it. */
export const DEPENDENT_HAZARDS: readonly TableHazard[] = [
  ...[view, ...other, functionNames, references, serialUsers, drawn, foreignMembers],
]
