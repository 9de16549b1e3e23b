import { changeColumnType } from '@expand-contract/core'
import { planRestore, repair, restore, takeBackup, verify } from '@expand-contract/runner'
import { expect, test } from 'vitest'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../packages/cli/src/backup/backup-files.ts'
import { digestSql } from '../../packages/runner/src/backup/backup-sql.ts'
import { newestMajor } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

const lossy = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: 'btrim(label)', backward: "tidy || ''" },
})

/** Of a digest nothing is left, so that all of them are the same. */
const colliding = (sql: string): string => sql.replaceAll("'hex'), 32)", "'hex'), 0)")

test('a digest is 128 bits of SHA-256, of a text that tells every value and NULL apart', async () => {
  await using life = await BackupLife.open(newestMajor(), 'create table things (id int primary key, label text)')
  const of = (...values: readonly string[]) => digestSql(values)
  const { rows } = await life.client.query(
    `select ${of("'a'::text", "'b'::text")} as a, ${of("'a,b'::text", 'null::text')} as b, ${of("''::text")} as c, ${of('null::text')} as d, ${of("'a'::text", "'c'::text")} as e`,
  )
  const found = Object.values(rows[0]) as readonly string[]
  expect(new Set(found).size).toBe(5)
  for (const digest of found) expect(digest).toMatch(/^[\da-f]{32}$/u)
})

// What is assumed never to happen: two values of the new column of one row have one digest.
test('were two digests the same, a changed row would have what it had before, and verify names it', async () => {
  await using life = await BackupLife.open(
    newestMajor(),
    `create table things (id int primary key, label text); insert into things values (1, ' a '), (2, ' b '), (3, ' c ')`,
  )
  const client = { query: (text: string, values?: unknown[]) => life.client.query(colliding(text), values) }
  const real = backupCopy(life.client)
  const copy = { ...real, to: (sql: string) => real.to(colliding(sql)) }
  const common = { migration: lossy, client, files: backupFiles, path: life.nextPath() }
  await life.switched(lossy)
  await life.stage(lossy, 'contract')
  await takeBackup({ ...common, copy, operator: { who: 'test' } })
  await life.stage(lossy, 'hold', 'drop')
  await life.client.query("update things set tidy = 'other' where id = 2")
  const plan = await planRestore(common)
  expect(await restore({ ...common, plan, copy, operator: { who: 'test' } })).toMatchObject({ exact: 3, mapped: 0 })
  expect(await life.rows('select label, tidy from things where id = 2')).toEqual([{ label: ' b ', tidy: 'other' }])
  const looked = await verify({ migration: lossy, client: life.client, who: 'test' })
  expect(looked.clean).toBe(false)
  expect(Object.values(looked.samples).flat()).toEqual([{ relation: 'public.things', key: { id: '2' } }])
  await repair({
    ...{ migration: lossy, client: life.client, operator: { who: 'test' } },
    ddl: async (text) => void (await life.client.query(text)),
  })
  expect(await life.rows('select label from things order by id')).toEqual([
    { label: ' a ' },
    { label: 'other' },
    { label: ' c ' },
  ])
})
