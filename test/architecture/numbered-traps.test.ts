import { describe, expect, it } from 'vitest'
import { read, repositoryFiles } from './workspace.ts'

/**
 * Failures of other tools in the field, as the titles of tests number them (`PEERS 7: ...`), with what holds here. One that concerns the drop
 * of the old column alone is not among them yet.
 */
const PEERS: Readonly<Record<number, string>> = {
  1: 'what has been done and how far it is are one transaction (gh-ost#1684)',
  2: 'names that are cut at 63 bytes are nobody else’s (reshape#60)',
  3: 'no statement fails between a column and its trigger, nor while a step is taken (pgroll#905, #906)',
  5: 'a plan is compared before reads move to a column (GitLab production#2885)',
  6: 'raw SQL, bulk, COPY and functions in the database are writers as well (TypeORM#2246)',
  7: 'a batch that finds little does not end a backfill (PostHog PR #69010)',
  8: 'inserts do not keep a backfill from its end (pgroll#583)',
  9: 'both columns in one statement, with NULLs (online_migrations#22)',
  10: 'DDL does not queue others behind a long read, and names who is in the way (GoCardless)',
  11: 'a backfill does not fire updated_at triggers (margince PR #3427)',
  12: 'no cached plan changes its result type (pgbouncer#1038)',
  13: 'a backfill is no deadlock’s cause (openlibrary)',
  14: 'a downgrade loses nothing (Grafana#123616)',
  15: 'a publication does not miss the new column (airbyte#80920)',
}

/** Traps of PostgreSQL that were run before the stages were built (`RUNNER 3: ...`), by what they are about. */
const RUNNER: Readonly<Record<number, string>> = {
  1: 'the sync trigger',
  2: 'phases and the fence',
  3: 'backfill',
  4: 'verification',
  5: 'indexes and constraints of the new column',
  7: 'DDL beside an autovacuum',
}

function numbersOf(list: 'PEERS' | 'RUNNER'): ReadonlySet<number> {
  const own = 'test/architecture/numbered-traps.test.ts'
  const files = repositoryFiles().filter(
    (file) => file.startsWith('test/') && file.endsWith('.test.ts') && file !== own,
  )
  const titles = files.flatMap((file) => read(file).match(/(?<=['"`])(?:PEERS|RUNNER) \d[^'"`\n]*?:/gu) ?? [])
  const numbers = titles.flatMap((title) => [...title.matchAll(/(PEERS|RUNNER) (\d+(?:, \d+)*)/gu)])
  return new Set(
    numbers.filter(([, name]) => name === list).flatMap(([, , found = '']) => found.split(', ').map(Number)),
  )
}

describe.each([
  ['PEERS', PEERS],
  ['RUNNER', RUNNER],
] as const)('%s', (list, traps) => {
  const found = numbersOf(list)
  it.each(Object.entries(traps))('%s: %s, has a test whose title names it', (number) => {
    expect([...found]).toContain(Number(number))
  })
})
