import type { Migration } from '@expand-contract/core'
import { type Parity, type RunParity, readParity, runParity } from '@expand-contract/runner'
import { backfill } from '../../packages/runner/src/backfill/backfill.ts'
import type { ExpandedDatabase } from './expanded-database.ts'

/** Expands and fills: what is left is what parity does behind a backfill. */
export async function expandAndFill(db: ExpandedDatabase, migration: Migration): Promise<void> {
  await db.expand(migration)
  await fill(db, migration)
}

export async function fill(db: ExpandedDatabase, migration: Migration): Promise<void> {
  const ddl = async (text: string): Promise<void> => void (await db.client.query(text))
  const { ended } = await backfill({ migration, client: db.client, worker: 'test', ddl, batchMs: 1_000 })
  if (ended !== 'done') throw new Error(`the backfill has ${ended}`)
}

/** Expands, fills, makes what the new columns lack, and says what is so then. */
export async function parityOf(db: ExpandedDatabase, migration: Migration, options: RunParity = {}): Promise<Parity> {
  await expandAndFill(db, migration)
  await runParity(db.client, migration, options)
  return readParity(db.client, migration, options)
}

/** Definitions of valid indexes, and of checks, foreign keys and unique constraints, as PostgreSQL prints them, without their own names. */
export async function definitionsOf(db: ExpandedDatabase, table: string): Promise<readonly string[]> {
  const rows = await db.rows(
    `select regexp_replace(pg_get_indexdef(c.oid), '^(CREATE (?:UNIQUE )?INDEX) .*? (ON (?:ONLY )?)', '\\1 \\2') as definition
       from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1::regclass and i.indisvalid
     union all select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f', 'u')
     union all select regexp_replace(pg_get_statisticsobjdef(oid), '^CREATE STATISTICS \\S+ ', '') from pg_statistic_ext where stxrelid = $1::regclass`,
    [table],
  )
  return rows.map(({ definition }) => inOrder(String(definition))).sort()
}

/** PostgreSQL sorts the columns of extended statistics by their numbers. */
const inOrder = (text: string): string =>
  text.replace(
    /^((?:\([^)]*\) )?ON )(.*)( FROM .*)$/u,
    (_, head: string, list: string, tail: string) => `${head}${list.split(', ').sort().join(', ')}${tail}`,
  )

/** Those that name the old column, and not the new one; and those of the new column with its name mapped back. `find` matches a name. */
export async function bothSides(
  db: ExpandedDatabase,
  table: string,
  names: { readonly old: string; readonly new: string },
): Promise<{ readonly old: readonly string[]; readonly new: readonly string[] }> {
  const all = await definitionsOf(db, table)
  const isNew = (text: string): boolean => text.includes(names.new)
  const withOld = all.filter((text) => !isNew(text) && text.includes(names.old))
  return {
    old: withOld,
    new: all
      .filter(isNew)
      .map((text) => text.replaceAll(names.new, names.old))
      .sort(),
  }
}
