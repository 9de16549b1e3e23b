import { quoteIdentifier, quoteTable } from '@expand-contract/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { BackupLife } from './backup-life.ts'
import { STAGE_KINDS } from './stage-kinds.ts'

describe.each(postgresMajors())('PostgreSQL %i: backup, drop, restore and back', (major) => {
  let life: BackupLife
  beforeAll(async () => {
    life = await BackupLife.open(major, STAGE_KINDS.map(({ sql }) => sql).join('\n'))
  })
  afterAll(() => life?.[Symbol.asyncDispose]())

  describe.each(STAGE_KINDS.filter(({ name }) => !name.includes('inheritance')))('$name', ({ migration }) => {
    const table = quoteTable(migration.table)
    const names = (side: 'old' | 'new'): string => migration[side].map(({ name }) => quoteIdentifier(name)).join(', ')
    const olds = () => life.rows(`select id, (row(${names('old')}))::text from ${table} order by id`)
    const news = () => life.rows(`select id, (row(${names('new')}))::text from ${table} order by id`)

    test('gives every row what it had, and the way back to switch', async () => {
      await life.switched(migration)
      const [before, after] = [await olds(), await news()]
      await life.stage(migration, 'contract')
      const taken = await life.backup(migration)
      expect(taken).toMatchObject({
        record: { equal: true, rows: before.length },
        comparison: { same: before.length, other: 0, changed: 0, added: 0, gone: 0 },
      })
      await life.stage(migration, 'hold')
      expect((await life.check(migration, taken)).comparison).toMatchObject({ same: before.length, other: 0 })
      const held = await life.backup(migration)
      expect(held.record).toMatchObject({ equal: true, rows: before.length })
      await life.stage(migration, 'drop')
      const restored = await life.restore(migration, taken.path)
      expect(restored).toMatchObject({
        rows: before.length,
        exact: before.length,
        mapped: 0,
        empty: 0,
        gone: 0,
        failed: 0,
      })
      expect(await life.phase(migration)).toBe('contract')
      expect([await olds(), await news()]).toEqual([before, after])
      await life.stage(migration, 'rollback')
      expect(await life.phase(migration)).toBe('switch')
      expect([await olds(), await news()]).toEqual([before, after])
      // And once more, from the backup that was taken in hold.
      await life.stage(migration, 'contract', 'hold')
      const again = await life.backup(migration)
      await life.stage(migration, 'drop')
      expect(await life.restore(migration, held.path)).toMatchObject({ exact: before.length, mapped: 0 })
      expect([await olds(), await news()]).toEqual([before, after])
      expect(again.record.equal).toBe(true)
    })
  })

  test('children by inheritance have keys of their own, so they are refused', async () => {
    const [{ migration } = { migration: undefined }] = STAGE_KINDS.filter(({ name }) => name.includes('inheritance'))
    if (migration === undefined) throw new Error('there is no such kind')
    await life.switched(migration)
    await expect(life.backup(migration)).rejects.toMatchObject({ code: 'EC_BACKUP_KEY' })
  })
})
