import { quoteIdentifier } from '@expand-contract/core'
import type { MemberFacts } from '../facts.ts'
import { cannotFail, differs, mappingSql } from './mapping-sql.ts'
import { dollarQuoted, pathOf, type SyncPhase, syncFunction } from './sync-function.ts'
import { literal, qualified, syncNames } from './sync-names.ts'
import type { SyncColumn, SyncShape } from './sync-shape.ts'

/** One statement of what is created, and what for. */
export interface SyncStatement {
  readonly sql: string
  readonly why: string
}

/** What stands in the control schema: counter, samples, helper and function. None of it locks the table. */
export function syncObjects(
  shape: SyncShape,
  phase: SyncPhase,
  first: readonly string[] = [],
): readonly SyncStatement[] {
  const names = syncNames(shape.migration)
  const at = (name: string): string => qualified(shape.controlSchema, name)
  const { id } = shape.migration
  const helper = cannotFail(shape) ? undefined : syncHelper(shape)
  return [
    { sql: `CREATE SEQUENCE IF NOT EXISTS ${at(names.counter)}`, why: `Counts writers of one side of ${id} alone.` },
    {
      sql: `CREATE TABLE IF NOT EXISTS ${at(names.samples)} (
  seen_at timestamptz NOT NULL, session_user_name text NOT NULL, role_name text NOT NULL, application_name text NOT NULL,
  client_address inet, operation text NOT NULL, wrote text NOT NULL, relation oid NOT NULL)`,
      why: `Who those writers are: one row per session and minute, without values.`,
    },
    ...(helper === undefined
      ? []
      : [
          {
            sql: helper.create,
            why: 'Tells whether a row is in step, and never fails, since WHEN runs outside of the function.',
          },
          { sql: `GRANT EXECUTE ON FUNCTION ${helper.signature} TO PUBLIC`, why: 'WHEN runs as the writer.' },
        ]),
    {
      sql: syncFunction(shape, phase, first).create,
      why: `Keeps both sides of ${id} in step, by the rule of the phase ${phase}.`,
    },
    {
      sql: `GRANT EXECUTE ON FUNCTION ${at(names.function)}() TO PUBLIC`,
      why: 'Who attaches a partition creates its trigger.',
    },
  ]
}

/** The triggers of one member: with ENABLE ALWAYS they fire in replication and under session_replication_role = replica, too. */
export function syncTriggers(shape: SyncShape, member: Pick<MemberFacts, 'schema' | 'name'>): readonly SyncStatement[] {
  const { trigger, firstTrigger, function: fn } = syncNames(shape.migration)
  const table = qualified(member.schema, member.name)
  const create = (name: string, argument: string, why: string): readonly SyncStatement[] => [
    {
      sql: `CREATE OR REPLACE TRIGGER ${quoteIdentifier(name)} BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW
WHEN (${syncWhen(shape)}) EXECUTE FUNCTION ${qualified(shape.controlSchema, fn)}(${argument})`,
      why,
    },
    {
      sql: `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${quoteIdentifier(name)}`,
      why: 'Also in sessions that replicate or restore, where triggers do not fire otherwise.',
    },
  ]
  if (shape.between.length === 0)
    return create(trigger, '', 'Behind the other triggers of the table, whatever they did.')
  return [
    ...create(firstTrigger, '', 'Before the triggers of the table that name a migrating column: they see it filled.'),
    ...create(trigger, `'last'`, 'Behind them, for what they did.'),
  ]
}

/** The tables that need triggers of their own: the table, and children by inheritance. Partitions have their parent's. */
export const triggeredMembers = ({ table }: SyncShape): readonly MemberFacts[] =>
  table.members.filter(({ partition }) => !partition)

/** True for a row that is not in step. It is the same in every phase, and has a value for every row. */
export const syncWhen = (shape: SyncShape): string => outOfStep(shape, (name) => `new.${quoteIdentifier(name)}`)

/** The same for a row whose columns are spelled so. It calls the helper, where the mapping may fail. */
export function outOfStep(shape: SyncShape, spelled: (name: string) => string): string {
  if (!cannotFail(shape)) {
    const { helper } = syncNames(shape.migration)
    const values = [...shape.old, ...shape.new].map(({ name }) => spelled(name))
    return `not ${qualified(shape.controlSchema, helper)}(${values.join(', ')})`
  }
  return mappingSql(shape, 'new', spelled)
    .map(({ column, sql }) => differs(spelled(column.name), sql, column))
    .join(' or ')
}

/** The function that WHEN calls where the mapping may fail for a value: such a row is not in step, and the trigger sees to it. */
export function syncHelper(shape: SyncShape): {
  readonly create: string
  readonly body: string
  readonly signature: string
} {
  const parameter = (columns: readonly SyncColumn[], prefix: string): readonly string[] =>
    columns.map((_, index) => `${prefix}${index + 1}`)
  const [olds, news, mades] = [
    parameter(shape.old, 'old_'),
    parameter(shape.new, 'new_'),
    parameter(shape.new, 'made_'),
  ]
  const nameOf = new Map(shape.old.map(({ name }, index) => [name, olds[index] ?? '']))
  const values = mappingSql(shape, 'new', (column) => nameOf.get(column) ?? '')
  // A variable of a domain would be checked before it has a value.
  const typeOf = ({ domain, type, under }: SyncColumn): string => (domain ? under : type)
  const body = [
    '',
    `-- migration: ${JSON.stringify(shape.migration.id)}`,
    'declare',
    ...shape.new.map((column, index) => `  ${mades[index]} ${typeOf(column)};`),
    'begin',
    ...values.map(({ sql }, index) => `  ${mades[index]} := ${sql};`),
    `  return not (${shape.new
      .map((column, index) => {
        const given = column.domain ? `${news[index]}::${typeOf(column)}` : `${news[index]}`
        return differs(given, `${mades[index]}`, column)
      })
      .join(' or ')});`,
    'exception when others or assert_failure then',
    '  return false;',
    'end',
    '',
  ].join('\n')
  const types = [...shape.old, ...shape.new].map(({ bare }) => bare)
  const name = qualified(shape.controlSchema, syncNames(shape.migration).helper)
  const parameters = [...olds, ...news].map((each, index) => `${each} ${types[index]}`)
  return {
    create: `CREATE OR REPLACE FUNCTION ${name}(${parameters.join(', ')}) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ${pathOf(shape)} AS ${dollarQuoted(body)}`,
    body,
    signature: `${name}(${types.join(', ')})`,
  }
}

/** Takes away all of it. The table is locked by the triggers alone, which go first. */
export function dropSync(shape: Pick<SyncShape, 'migration' | 'controlSchema' | 'table'>): readonly SyncStatement[] {
  const names = syncNames(shape.migration)
  const functions = [names.function, names.helper].map(literal).join(', ')
  const roots = shape.table.members.filter(({ partition }) => !partition)
  return [
    ...roots.flatMap((member) =>
      [names.firstTrigger, names.trigger].map((name) => ({
        sql: `DROP TRIGGER IF EXISTS ${quoteIdentifier(name)} ON ${qualified(member.schema, member.name)}`,
        why: 'Nothing keeps the columns in step from here on.',
      })),
    ),
    {
      // By the catalog: a helper has the types of its columns, which may have been others when it was made.
      sql: `DO ${dollarQuoted(`declare each regprocedure; begin
  for each in select p.oid from pg_catalog.pg_proc p where p.pronamespace = ${literal(quoteIdentifier(shape.controlSchema))}::pg_catalog.regnamespace
      and p.proname in (${functions}) loop
    execute pg_catalog.format('drop function %s', each);
  end loop; end`)}`,
      why: 'Its functions.',
    },
    {
      sql: `DROP SEQUENCE IF EXISTS ${qualified(shape.controlSchema, names.counter)}`,
      why: 'The counter of bypassing writers.',
    },
    { sql: `DROP TABLE IF EXISTS ${qualified(shape.controlSchema, names.samples)}`, why: 'And their samples.' },
  ]
}
