import { describe, expect, it } from 'vitest'
import { renameColumn } from './rename-column.ts'

describe('renameColumn', () => {
  it('is the identity in both directions', () => {
    expect(renameColumn({ table: 'users', from: 'name', to: 'full_name' })).toEqual({
      id: 'users.full_name',
      table: { schema: undefined, name: 'users' },
      old: [{ name: 'name', type: undefined }],
      new: [{ name: 'full_name', type: undefined }],
      forward: { full_name: { kind: 'column', column: 'name' } },
      backward: { name: { kind: 'column', column: 'full_name' } },
      app: 'old',
      flag: undefined,
      constraints: {},
      after: undefined,
    })
  })

  it('keeps every option', () => {
    const options = {
      id: 'my-id',
      app: 'new',
      flag: 'users-read-full-name',
      constraints: { users_name_key: 'users_full_name_key' },
      after: 'id',
    } as const
    const migration = renameColumn({
      table: 'crm.users',
      from: 'name',
      to: 'full_name',
      type: 'varchar(10)',
      ...options,
    })
    expect(migration).toMatchObject({ ...options, table: { schema: 'crm', name: 'users' } })
    expect(migration.old).toEqual([{ name: 'name', type: 'varchar(10)' }])
    expect(migration.new).toEqual([{ name: 'full_name', type: 'varchar(10)' }])
  })

  it.each([
    ['a"b', 'c.d'],
    ['größe', '🐘'],
    ['constructor', '__proto__'],
    ['a'.repeat(63), 'b'.repeat(63)],
  ])('takes the names %j and %j', (from, to) => {
    const migration = renameColumn({ table: '"my.schema"."my.table"', from, to })
    expect(migration.old).toEqual([{ name: from, type: undefined }])
    expect(Object.entries(migration.forward)).toEqual([[to, { kind: 'column', column: from }]])
    expect(Object.entries(migration.backward)).toEqual([[from, { kind: 'column', column: to }]])
  })

  it.each([
    [
      { from: undefined as unknown as string, to: 'b' },
      'EC_IDENTIFIER',
      'The column `from` of renameColumn is undefined',
    ],
    [
      { from: 'a', to: undefined as unknown as string },
      'EC_IDENTIFIER',
      'The column `to` of renameColumn is undefined',
    ],
    [{ from: 'a', to: '' }, 'EC_IDENTIFIER', 'The column `to` of renameColumn is empty'],
    [{ from: 'a', to: 'a' }, 'EC_COLUMNS', 'The column "a" of the migration of "users" is on both sides'],
  ])('refuses %j', (columns, code, message) => {
    expect(() => renameColumn({ table: 'users', ...columns })).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
