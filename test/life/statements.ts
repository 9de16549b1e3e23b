import type { LifeApplication } from './applications/life-application.ts'
import { hasKey, insertSql, type LifeModel, literal, type ModelTable, rowOf, updateSql } from './life-model.ts'
import { columnSql } from './place.ts'

/** Something that an application does, the same on both databases; what it gives is compared. */
export type Step = readonly [name: string, run: (application: LifeApplication) => Promise<unknown>]

/** Rows of one round have numbers of their own, so that no round meets another's. */
const BASE = 1_000

export const MAY_NOT_BE = 'a value that it may not be'

/** What one application does in one round: its own idiom first, then texts. */
export function stepsOf(model: LifeModel, round: number): readonly Step[] {
  const base = BASE * (round + 1)
  return [
    ...model.tables.flatMap((table) => stepsOfTable(model, table, base)),
    ...(model.tables.length > 1 ? [joined(model)] : []),
    ...model.tables.toReversed().flatMap((table): readonly Step[] => [
      [`${table.name}: a row goes`, (app) => app.remove(table, base + 3)],
      [`${table.name}: all rows`, (app) => app.list(table)],
    ]),
  ]
}

/** What every application does, whoever's turn it is. */
export const readingSteps = ({ tables }: LifeModel): readonly Step[] =>
  tables.map((table) => [`${table.name}: all rows`, (app) => app.list(table)])

function stepsOfTable({ kind, place, shape }: LifeModel, table: ModelTable, base: number): readonly Step[] {
  const { sql, change, name } = table
  const isKey = kind.key !== undefined
  const [first = ''] = Object.keys(change.old)
  const columns = Object.keys(change.old).map((each) => columnSql(place, each))
  const touched = 1 + ((base / BASE) % 20)
  // A row of `parts` refers to one of `things` that is there.
  const other = isKey && name === 'parts' ? base + 1 : base + 50
  const steps: Step[] = [
    ['one row', (app) => app.insert(table, [rowOf(table, base + 1, isKey && name === 'parts' ? 7 : base + 1)])],
    [
      'two rows',
      (app) =>
        app.insert(
          table,
          [base + 2, base + 3].map((nr) => rowOf(table, nr)),
        ),
    ],
    ['another value', (app) => app.set(table, base + 1, change.value(other).old)],
    ['the row with that value', (app) => app.where(table, change.value(other).old)],
    ['a row of before, another column', (app) => app.set(table, touched, { note: `touched ${base}` })],
    ['a text', (app) => app.sql(updateSql(place, table, { nr: base + 2, value: base + 2, side: 'old' }))],
    [
      'RETURNING *',
      (app) => app.sql(`update ${sql} set note = ${columns[0]}::text where nr = ${base + 2} returning *`),
    ],
    [
      'groups',
      (app) =>
        app.sql(
          `select ${columns.join(', ')}, count(*)::int as n from ${sql} group by ${columns.join(', ')} order by ${columns.join(', ')} limit 7`,
        ),
    ],
    [
      'a sub-select',
      (app) =>
        app.sql(
          `select t.* from ${sql} t where t.${columns[0]} in (select ${columns[0]} from ${sql} where nr < 4) order by t.nr`,
        ),
    ],
    [
      MAY_NOT_BE,
      (app) =>
        app.sql(
          `update ${sql} set ${columnSql(place, first)} = null where nr = ${base + 1} and ${columns[0]} is not null returning nr`,
        ),
    ],
  ]
  if (hasKey(shape)) steps.push(['a row twice', (app) => app.sql(insertSql(place, table, base + 2, 'old'))])
  if (isKey && name === 'things')
    steps.push([
      'an upsert',
      (app) =>
        app.sql(
          `${insertSql(place, table, base + 2, 'old')} on conflict (${columns[0]}) do update set note = 'again ' || excluded.${columns[0]} returning *`,
        ),
    ])
  return steps.map(([what, run]) => [`${name}: ${what}`, run])
}

/** By the columns that refer to one another. */
function joined({ place, tables: [things, parts] }: LifeModel): Step {
  const [id, thing] = [columnSql(place, 'id'), columnSql(place, 'thing_id')]
  return [
    'a join',
    (app) =>
      app.sql(
        `select p.nr, t.nr as of, t.${id}, t.note from ${parts?.sql} p join ${things?.sql} t on t.${id} = p.${thing} where t.${id} > ${literal(3)} order by p.nr`,
      ),
  ]
}

/** What it gave, or how it failed; texts that are equal are equal results, with their types and the order of their columns. */
export async function resultOf(application: LifeApplication, [name, run]: Step): Promise<string> {
  try {
    return `${name}: ${JSON.stringify(await run(application), (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    const { code, message } = cause as { readonly code?: string; readonly message?: string }
    return `${name}: ${code} ${message}`
  }
}

/** What a process writes that knows one side of the columns alone, and what a process of before would write in its place. */
export function oneSided(
  model: LifeModel,
  round: number,
  side: 'old' | 'new',
): readonly { readonly ours: string; readonly twin: string }[] {
  const { place } = model
  const base = BASE * (round + 1) + (side === 'old' ? 10 : 20)
  const both = (write: (side: 'old' | 'new') => string) => ({ ours: write(side), twin: write('old') })
  const isKey = model.kind.key !== undefined
  const value = ({ name }: ModelTable): number => (isKey && name === 'parts' ? 7 : base + 70)
  return [
    ...model.tables.flatMap((table) => [base, base + 1].map((nr) => both((of) => insertSql(place, table, nr, of)))),
    ...model.tables.map((table) => both((of) => updateSql(place, table, { nr: base, value: value(table), side: of }))),
    // A row that was there before, and may not be filled.
    ...model.tables
      .filter(() => !isKey)
      .map((table) => both((of) => updateSql(place, table, { nr: 21 + (round % 20), value: base + 80, side: of }))),
  ]
}
