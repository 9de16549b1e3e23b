import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { type DrawnTable, drawnTable, quoted, SCHEMAS } from './drawn-objects.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { parityOf } from './parity-life.ts'

/** More: `EC_RUNS=300 vitest run test/runner/parity-drawn`. */
const RUNS = Number(process.env.EC_RUNS ?? 3)
const SEED = process.env.EC_SEED === 'random' ? Date.now() % 2 ** 31 : Number(process.env.EC_SEED ?? 20_261_127)

const TYPES = {
  rename: 'text',
  'rename of a varchar': 'varchar(40)',
  'int4 to int8': 'int4',
  'varchar to text': 'varchar(40)',
} as const

function schemaOf({ change, schema, table, old, partitioned, objects }: DrawnTable): readonly string[] {
  const [at, type, s] = [`${quoted(schema)}.${quoted(table)}`, TYPES[change], quoted(schema)]
  const value = change === 'int4 to int8' ? 'g' : "'n' || g"
  return [
    `create schema ${s}`,
    `create table ${s}.targets (c ${type} unique, k int, unique (c, k))`,
    `insert into ${s}.targets select ${value}, 1 from generate_series(1, 20) g`,
    `create table ${at} (id int, ${quoted(old)} ${type}, k int default 1, n text default 'n', part int default 1)${partitioned ? ' partition by list (part)' : ''}`,
    ...(partitioned
      ? [
          `create table ${s}.one partition of ${at} for values in (1)`,
          `create table ${s}.more (part int, n text, k int, id int, ${quoted(old)} ${type})`,
          `alter table ${at} attach partition ${s}.more for values in (2, 3)`,
        ]
      : []),
    `insert into ${at} (id, ${quoted(old)}, k, part) select g, ${value}, 1, 1 + g % 3 from generate_series(1, 20) g`,
    ...objects,
  ]
}

const migrationOf = ({ change, schema, table, old, new: to }: DrawnTable): Migration => {
  const names = { table: `${quoted(schema)}.${quoted(table)}`, from: old, to, id: 'drawn' }
  if (change.startsWith('rename')) return renameColumn(names)
  return changeColumnType({ ...names, fromType: TYPES[change], type: change === 'int4 to int8' ? 'int8' : 'text' })
}

interface Definition {
  readonly name: string
  readonly text: string
}

/** Of all that stands on the table and its partitions: names, and definitions without them. */
const DEFINITIONS = `with recursive tree(oid) as (select $1::regclass::oid union select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid)
  select c.relname as name, concat(i.indrelid::regclass, ' ', regexp_replace(pg_get_indexdef(i.indexrelid), '^(CREATE (UNIQUE )?INDEX) .*? ON (ONLY )?', '\\1 '),
      case i.indisvalid when false then ' INVALID' end, ' ', (select string_agg(attstattarget::text, ',' order by attnum) from pg_attribute where attrelid = c.oid)) as text
    from tree join pg_index i on i.indrelid = tree.oid join pg_class c on c.oid = i.indexrelid
  union all select k.conname, concat(k.conrelid::regclass, ' ', pg_get_constraintdef(k.oid), case k.convalidated when false then ' invalid' end)
    from tree join pg_constraint k on k.conrelid = tree.oid where k.contype not in ('n', 't') and k.conname !~ '^_ec|^~'
  union all select s.stxname, concat(s.stxrelid::regclass, ' ', regexp_replace(pg_get_statisticsobjdef(s.oid), '^CREATE STATISTICS .*?( \\([a-z, ]+\\))? ON ', '\\1 ON ')) from tree join pg_statistic_ext s on s.stxrelid = tree.oid`

async function definitions(
  db: ExpandedDatabase,
  { schema, table, change }: DrawnTable,
): Promise<readonly Definition[]> {
  const rows = await db.rows(DEFINITIONS, [`${quoted(schema)}.${quoted(table)}`])
  return rows.map(({ name, text }) => ({ name: String(name), text: comparable(String(text), change) }))
}

/** PostgreSQL sorts the columns of statistics by their numbers; and prints casts, where the types are others, as these ask for them. */
function comparable(text: string, change: DrawnTable['change']): string {
  const sorted = text.replace(
    / ON ((?:(?! FROM ).)*) FROM /u,
    (_, list: string) => ` ON ${list.split(', ').sort().join(', ')} FROM `,
  )
  return change === 'rename'
    ? sorted
    : sorted.replaceAll(/::(?:bigint|integer|text|character varying)(?:\(\d+\))?(?:\[\])?|[()]/gu, '')
}

/** The new column's name in the place of the old one, as PostgreSQL prints names. */
const printed = (name: string): string => (/^[a-z_][a-z0-9_]*$/u.test(name) ? name : quoted(name))

async function livesThrough(db: ExpandedDatabase, drawn: DrawnTable): Promise<void> {
  for (const sql of schemaOf(drawn)) await db.client.query(sql)
  const migration = migrationOf(drawn)
  const before = await definitions(db, drawn)
  const parity = await parityOf(db, migration)
  expect([parity.missing, parity.lacking]).toEqual([[], []])
  const after = await definitions(db, drawn)
  const [old, added] = [printed(drawn.old), printed(drawn.new)]
  const isNew = ({ text }: Definition): boolean => text.includes(added)
  // What stands over the old column is as it was.
  expect(
    after
      .filter((each) => !isNew(each))
      .map(({ text }) => text)
      .sort(),
  ).toEqual(before.map(({ text }) => text).sort())
  const made = new Set(after.filter(isNew).map(({ text }) => comparable(text.replaceAll(added, old), drawn.change)))
  const wanted = before.filter(({ text }) => text.includes(old))
  const forPeople = parity.forPeople.map(({ what }) => what)
  for (const { name, text } of wanted)
    if (!made.has(comparable(text, drawn.change)))
      // One of a partition is named by its parent.
      expect([text, [...made], forPeople]).toEqual([
        text,
        [...made],
        expect.arrayContaining([expect.toSatisfy((what: string) => what.endsWith(` ${name}`) || drawn.partitioned)]),
      ])
  const all = new Set(wanted.map(({ text }) => comparable(text, drawn.change)))
  expect([...made].filter((text) => !all.has(text))).toEqual([])
  for (const { sql } of parity.forPeople) await db.client.query(sql)
  await db.rollback(migration)
  expect((await definitions(db, drawn)).map(({ text }) => text).sort()).toEqual(before.map(({ text }) => text).sort())
}

describe.each(postgresMajors())('PostgreSQL %i: parity of whatever stands over a column', (major) => {
  test('RUNNER 5: it is the same over the new one, or named', async () => {
    const db = await ExpandedDatabase.open(major, '')
    try {
      const { failed, counterexample, errorInstance, numShrinks } = await fc.check(
        fc.asyncProperty(drawnTable(major), async (drawn) => {
          await db.client.query(
            `drop schema if exists ${SCHEMAS.map(quoted).join(', ')} cascade; delete from expand_contract.migrations; delete from expand_contract.backfills; delete from expand_contract.backfill_ranges`,
          )
          await livesThrough(db, drawn)
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: process.env.EC_RUNS === undefined },
      )
      if (failed)
        throw new Error(
          `EC_SEED=${SEED}, shrunk ${numShrinks} times: ${JSON.stringify(counterexample, undefined, 1)}`,
          { cause: errorInstance },
        )
    } finally {
      await db.close()
    }
  })
})
