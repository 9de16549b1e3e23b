import { type Phase, quoteIdentifier } from '@expand-contract/core'
import { cannotFail, differs, mappingSql } from './mapping-sql.ts'
import { literal, qualified, syncNames } from './sync-names.ts'
import type { SyncColumn, SyncShape } from './sync-shape.ts'

/** The phases in which both columns are there, so that there is something to keep in step. */
export type SyncPhase = Exclude<Phase, 'off' | 'dropped'>

/** A change of the function's text for the same shape and phase; it stands in the text, so that each is told from the other. */
const VERSION = 1

/** Errors that say nothing of the value: a deadlock, no memory, a shutdown, a defect. They are left as they are. */
export const NOT_OF_THE_VALUE = `sqlstate ~ '^(40|53|57|58|XX)'`

/**
 * The function of both triggers. All that a phase changes is this text, since CREATE OR REPLACE FUNCTION waits for no writer, and
 * counts from the next statement on, also of transactions that are open.
 */
export function syncFunction(
  shape: SyncShape,
  phase: SyncPhase,
  first: readonly string[] = [],
): { readonly create: string; readonly body: string } {
  const names = syncNames(shape.migration)
  const body = bodyOf(shape, phase, first)
  const create = `CREATE OR REPLACE FUNCTION ${qualified(shape.controlSchema, names.function)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${pathOf(shape)} AS ${dollarQuoted(body)}`
  return { create, body }
}

export const pathOf = ({ searchPath }: SyncShape): string => searchPath.map(quoteIdentifier).join(', ')

/** Between tags that the text does not contain: a mapping may have dollar quotes of its own. */
export function dollarQuoted(text: string): string {
  let tag = '$sync$'
  while (text.includes(tag)) tag = `${tag.slice(0, -1)}_$`
  return `${tag}${text}${tag}`
}

/** The rule of each phase, as it stands in RUNNER.md 1 of the project: who wins, and what the other becomes. */
const BODIES: Readonly<Record<SyncPhase, (shape: SyncShape) => readonly string[]>> = {
  expand: oldHasTheSay,
  switch: oldHasTheSay,
  contract: newHasTheSay,
  hold: newHasTheSay,
}

/** `first` is what is done before the rule of the phase, as while a restore runs. */
function bodyOf(shape: SyncShape, phase: SyncPhase, first: readonly string[]): string {
  const lines = [
    '',
    `-- expand-contract keeps the columns of a migration in step. Replaced by its commands; do not edit.`,
    `-- migration: ${JSON.stringify(shape.migration.id)}`,
    `-- phase: ${phase}`,
    `-- version: ${VERSION}`,
    'declare',
    '  made record;',
    '  probe record;',
    '  matched boolean;',
    '  given boolean;',
    '  wrote text;',
    'begin',
    ...first.map(indented),
    ...BODIES[phase](shape).map(indented),
    ...countBypass(shape).map(indented),
    '  return new;',
    'end',
    '',
  ]
  return lines.join('\n')
}

const indented = (line: string): string => `  ${line}`

/** expand and switch: the old columns are what is read, and a value that they have no counterpart for becomes NULL. */
function oldHasTheSay(shape: SyncShape): readonly string[] {
  const follow = copy(shape.new, 'made')
  return [
    'made := new;',
    ...guarded(shape, 'new'),
    '-- NULL, because the mapping has no value for this row: that is in step.',
    `if not (${anyDiffers(shape.new, 'new', 'made')}) then return new; end if;`,
    '-- The trigger that came first has kept the writer in step; what differs now, triggers in between have done.',
    ...block('if tg_nargs > 0 then', [...follow, 'return new;']),
    "if tg_op = 'INSERT' then",
    ...[
      ...whetherGiven(shape.old, `${anyGiven(shape.new)}`),
      'if given then',
      ...[...assign(shape, 'old', 'new'), 'made := new;', ...guarded(shape, 'new'), ...follow, "wrote := 'new';"].map(
        indented,
      ),
      'else',
      ...[...follow, "wrote := 'old';"].map(indented),
      'end if;',
    ].map(indented),
    `elsif ${anyDiffers(shape.old, 'new', 'old')} then`,
    ...[...follow, "wrote := 'old';"].map(indented),
    `elsif ${anyDiffers(shape.new, 'new', 'old')} then`,
    ...[
      ...unwrittenParts(shape),
      ...assign(shape, 'old', 'new'),
      'made := new;',
      ...guarded(shape, 'new'),
      ...follow,
      "wrote := 'new';",
    ].map(indented),
    'else',
    '  -- Neither was changed: the row is from before the trigger, and is filled because it was touched.',
    ...follow.map(indented),
    'end if;',
  ]
}

/**
 * contract: the new columns are what is read; the old ones follow, as NULL where they cannot. A mapping that loses something may leave
 * `new <> forward(old)`: in step is then what comes back, also when UPDATE moves a row to another partition, which is an INSERT there.
 */
function newHasTheSay(shape: SyncShape): readonly string[] {
  const follow = copy(shape.old, 'made')
  const [oldChanged, newChanged] = [shape.old, shape.new].map((side) => anyDiffers(side, 'new', 'old'))
  return [
    'made := new;',
    ...guarded(shape, 'old'),
    `if not (${anyDiffers(shape.old, 'new', 'made')}) then return new; end if;`,
    '-- The trigger that came first has kept the writer in step; what differs now, triggers in between have done.',
    ...block('if tg_nargs > 0 then', [
      ...(shape.between.includes('old') ? assign(shape, 'new', 'new') : follow),
      'return new;',
    ]),
    "if tg_op = 'INSERT' then",
    ...[
      `if ${anyGiven(shape.old)} then wrote := 'old'; end if;`,
      ...whetherGiven(shape.new, anyGiven(shape.old)),
      'if given then',
      ...assign(shape, 'new', 'new').map(indented),
      'else',
      ...follow.map(indented),
      'end if;',
    ].map(indented),
    `elsif ${newChanged} then`,
    ...[`if ${oldChanged} then wrote := 'old'; end if;`, ...follow].map(indented),
    `elsif ${oldChanged} then`,
    ...[...assign(shape, 'new', 'new'), "wrote := 'old';"].map(indented),
    'end if;',
  ]
}

const block = (head: string, lines: readonly string[]): readonly string[] => [head, ...lines.map(indented), 'end if;']

const field = (row: string, { name }: Pick<SyncColumn, 'name'>): string => `${row}.${quoteIdentifier(name)}`

const anyDiffers = (columns: readonly SyncColumn[], left: string, right: string): string =>
  columns.map((column) => differs(field(left, column), field(right, column), column)).join(' or ')

/** Not `is not null`: a composite value with one field that is NULL is not that either. */
const anyGiven = (columns: readonly SyncColumn[]): string =>
  `(${columns.map((column) => `${field('new', column)} is distinct from null`).join(' or ')})`

const copy = (columns: readonly SyncColumn[], from: string): readonly string[] =>
  columns.map((column) => `${field('new', column)} := ${field(from, column)};`)

/** One side of a row computed from the other; an error of a mapping fails the statement. */
function assign(shape: SyncShape, side: 'old' | 'new', row: string): readonly string[] {
  const values = mappingSql(shape, side, (column) => field('new', { name: column }))
  return values.map(({ column, sql }) => `${field(row, column)} := ${sql};`)
}

/** The same into `made`, NULL where the mapping has no value for the row. */
function guarded(shape: SyncShape, side: 'old' | 'new'): readonly string[] {
  if (side === 'new' && cannotFail(shape)) return assign(shape, side, 'made')
  return [
    'begin',
    ...assign(shape, side, 'made').map(indented),
    'exception when others or assert_failure then',
    `  if ${NOT_OF_THE_VALUE} then raise; end if;`,
    ...shape[side].map((column) => `  ${field('made', column)} := null;`),
    'end;',
  ]
}

/**
 * Sets `given`: the side without the say was given, and the other one was not, as far as can be told: it is NULL, equal to its
 * default, or drawn from a sequence, which looks like any value.
 */
function whetherGiven(authority: readonly SyncColumn[], other: string): readonly string[] {
  const told = authority.filter(({ drawn }) => !drawn)
  const bare = told.filter(({ defaults }) => defaults.length === 0).map((column) => field('new', column))
  const defaulted = told.filter(({ defaults }) => defaults.length > 0)
  const start = `given := ${[other, ...bare.map((value) => `${value} is not distinct from null`)].join(' and ')};`
  if (defaulted.length === 0) return [start]
  const checks = defaulted.flatMap((column) => {
    const [value, asDefault] = [field('new', column), field('probe', column)]
    const known = column.defaults.flatMap((sql) => [
      `${asDefault} := ${sql};`,
      `matched := matched or not (${differs(value, asDefault, column)});`,
    ])
    return block(`if ${value} is distinct from null then`, [
      'matched := false;',
      ...known,
      'given := given and matched;',
    ])
  })
  return [
    start,
    ...block('if given then', [
      'begin',
      ...['probe := new;', ...checks].map(indented),
      'exception when others then',
      `  if ${NOT_OF_THE_VALUE} then raise; end if;`,
      '  given := false;',
      'end;',
    ]),
  ]
}

/** A writer of some new columns means the others as they were, which in a row that was not filled yet only the old ones tell. */
function unwrittenParts({ new: columns }: SyncShape): readonly string[] {
  if (columns.length === 1) return []
  return columns.map((column) => {
    const [now, before] = [field('new', column), field('old', column)]
    return `if not (${differs(now, before, column)}) then ${now} := ${field('made', column)}; end if;`
  })
}

/** The first so many are sampled once a minute and session; then one in a hundred is, so that samples stay few. */
const ALL_SAMPLED = 10_000

/**
 * Counts a writer that wrote one side alone. A sequence never waits and survives a rollback; a row to count in would bring a table from
 * 746 to 125 transactions a second. Nothing of it may fail the statement.
 */
function countBypass({ migration, controlSchema }: SyncShape): readonly string[] {
  const { counter, samples, setting } = syncNames(migration)
  const minute = `(extract(epoch from now())::int8 / 60)::text`
  return [
    'if wrote is not null then',
    '  declare',
    '    counted int8;',
    '  begin',
    `    counted := nextval(${literal(qualified(controlSchema, counter))}::regclass);`,
    `    if (counted <= ${ALL_SAMPLED} or counted % 100 = 0) and current_setting(${literal(setting)}, true) is distinct from ${minute} then`,
    `      insert into ${qualified(controlSchema, samples)} (seen_at, session_user_name, role_name, application_name, client_address, operation, wrote, relation)`,
    `        values (now(), session_user, current_setting('role'), current_setting('application_name'), inet_client_addr(), tg_op, wrote, tg_relid);`,
    `      perform set_config(${literal(setting)}, ${minute}, false);`,
    '    end if;',
    '  exception when others then',
    '    null;',
    '  end;',
    'end if;',
  ]
}
