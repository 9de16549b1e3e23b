import { openControl } from '@expand-contract/control'
import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import { readDropGates } from '@expand-contract/runner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'

describe.each(postgresMajors())('PostgreSQL %i: a backup that somebody writes past', (major) => {
  let life: BackupLife
  beforeAll(async () => {
    life = await BackupLife.open(
      major,
      `create table things (id int primary key, label text, name text); insert into things values (1, ' one ', 'one')`,
    )
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  const gateOf = async (migration: Migration) => {
    const facts = { control: openControl(life.client), client: life.client, migration }
    return (await readDropGates(facts)).find(({ id }) => id === 'backup')
  }

  test.each([
    [
      'label',
      changeColumnType({
        table: 'things',
        from: 'label',
        to: 'tidy',
        fromType: 'text',
        type: 'text',
        forward: 'btrim(label)',
        backward: 'tidy',
      }),
      false,
    ],
    ['name', renameColumn({ table: 'things', from: 'name', to: 'title', type: 'text' }), true],
  ] as const)('%s: it counts still where the new column tells all of it', async (column, migration, tells) => {
    await life.switched(migration)
    await life.backup(migration)
    await life.stage(migration, 'contract')
    expect(await gateOf(migration)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('from before `contract`'),
    })
    await life.backup(migration)
    expect(await gateOf(migration)).toMatchObject({ ok: true })
    await life.client.query(`update things set ${column} = ' past ' where id = 1`)
    expect(await gateOf(migration)).toMatchObject(
      tells
        ? { ok: true }
        : { ok: false, detail: expect.stringContaining('written past the application since the last one, 1 time') },
    )
    await life.backup(migration)
    expect(await gateOf(migration)).toMatchObject({ ok: true })
  })
})
