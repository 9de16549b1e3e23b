import { describe, expect, it } from 'vitest'
import { checkMigrationSet } from './migration-set.ts'
import { renameColumn } from './rename-column.ts'

const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })

describe('checkMigrationSet', () => {
  it('takes several migrations of one table', () => {
    const email = renameColumn({ table: 'users', from: 'mail', to: 'email', flag: 'users-email' })
    const set = checkMigrationSet([fullName, email])
    expect(set).toEqual([fullName, email])
    expect(Object.isFrozen(set)).toBe(true)
  })

  it('takes the same column names in two schemas, and in two tables', () => {
    const inCrm = renameColumn({ table: 'crm.users', from: 'name', to: 'full_name' })
    const inShop = renameColumn({ table: 'shop.users', from: 'name', to: 'full_name' })
    const ofTeams = renameColumn({ table: 'crm.teams', from: 'name', to: 'full_name' })
    expect(checkMigrationSet([inCrm, inShop, ofTeams])).toHaveLength(3)
  })

  it('takes any number of migrations without a flag', () => {
    const a = renameColumn({ table: 'a', from: 'x', to: 'y' })
    const b = renameColumn({ table: 'b', from: 'x', to: 'y' })
    expect(checkMigrationSet([a, b])).toHaveLength(2)
    expect(checkMigrationSet([])).toEqual([])
  })

  it.each([
    ['a declaration', {}, 'EC_DUPLICATE_ID', 'The migration "users.full_name" is declared twice.'],
    [
      'one with another flag',
      { flag: 'other' },
      'EC_DUPLICATE_ID',
      'The migration "users.full_name" is declared twice.',
    ],
    [
      'one with another id',
      { id: 'other', flag: 'other' },
      'EC_CONFLICT',
      'The migrations users.full_name and other are the same: both take "name" of "users" to "full_name".',
    ],
    ['one with its flag and another id', { id: 'other' }, 'EC_CONFLICT', 'are the same'],
  ])('says of %s that stands twice to remove it', (_, rest, code, message) => {
    const other = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name', ...rest })
    expect(() => checkMigrationSet([fullName, other])).toThrowError(
      expect.objectContaining({
        ...{ code, migration: other.id, message: expect.stringContaining(message) },
        hint: 'Remove one of the two declarations.',
      }),
    )
  })

  it.each([
    [
      'one id',
      renameColumn({ table: 'teams', from: 'a', to: 'b', id: 'users.full_name' }),
      'EC_DUPLICATE_ID',
      'the id "users.full_name"',
    ],
    [
      'one flag',
      renameColumn({ table: 'teams', from: 'a', to: 'b', flag: 'users-full-name' }),
      'EC_DUPLICATE_FLAG',
      'The migrations users.full_name and teams.b have the same flag "users-full-name"',
    ],
    [
      'the old column',
      renameColumn({ table: 'users', from: 'name', to: 'title' }),
      'EC_CONFLICT',
      'both have the column "name" of "users"',
    ],
    [
      'the new column',
      renameColumn({ table: 'users', from: 'title', to: 'full_name', id: 'x' }),
      'EC_CONFLICT',
      'both have the column "full_name"',
    ],
    [
      'a chain',
      renameColumn({ table: 'users', from: 'full_name', to: 'title' }),
      'EC_CONFLICT',
      'both have the column "full_name"',
    ],
    [
      'a table that may be the same',
      renameColumn({ table: 'crm.users', from: 'name', to: 'title' }),
      'EC_CONFLICT',
      'The migrations users.full_name and crm.users.title both have',
    ],
  ])('refuses %s in two migrations', (_, other, code, message) => {
    expect(() => checkMigrationSet([fullName, other])).toThrowError(
      expect.objectContaining({ code, migration: other.id, message: expect.stringContaining(message) }),
    )
  })
})
