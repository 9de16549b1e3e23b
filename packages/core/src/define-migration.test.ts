import { describe, expect, it } from 'vitest'
import { buildMigration, defineMigration, type MigrationDeclaration } from './define-migration.ts'
import { ExpandContractError } from './errors.ts'

const declaration: MigrationDeclaration = {
  table: 'crm.users',
  old: { name: 'text', kind: 'int4' },
  new: { full_name: 'text', is_admin: 'bool' },
  forward: { full_name: 'upper(name)', is_admin: 'kind = 1' },
  backward: { name: 'lower(full_name)', kind: 'case when is_admin then 1 else 0 end' },
}

const errorOf = (changes: object): ExpandContractError => {
  try {
    defineMigration({ ...declaration, ...changes })
  } catch (error) {
    if (ExpandContractError.isInstance(error)) return error
    throw error
  }
  throw new Error('It was not refused.')
}

describe('defineMigration', () => {
  it('takes several columns on both sides', () => {
    const migration = defineMigration(declaration)
    expect(migration.id).toBe('crm.users.full_name+is_admin')
    expect(migration.old.map((column) => column.name)).toEqual(['name', 'kind'])
    expect(migration.forward.is_admin).toEqual({ kind: 'sql', sql: 'kind = 1' })
  })

  it('is frozen to the bottom', () => {
    const seen: object[] = []
    const visit = (value: object): void => {
      seen.push(value)
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) visit(inner)
    }
    visit(defineMigration({ ...declaration, constraints: { a: 'b' } }))
    expect(seen.length).toBeGreaterThan(10)
  })

  it('is not touched by what the caller does to the declaration afterwards', () => {
    const constraints: Record<string, string> = { users_name_key: 'users_full_name_key' }
    const old: Record<string, string> = { ...declaration.old } as Record<string, string>
    const migration = defineMigration({ ...declaration, old, constraints })
    old.name = 'int4'
    constraints.other = 'x'
    expect(migration.old[0]).toEqual({ name: 'name', type: 'text' })
    expect(migration.constraints).toEqual({ users_name_key: 'users_full_name_key' })
  })

  it('leaves types to the catalog where they are undefined', () => {
    expect(defineMigration({ ...declaration, old: { name: undefined, kind: undefined } }).old[0]?.type).toBeUndefined()
  })

  it("takes '' as the first place", () => {
    expect(defineMigration({ ...declaration, after: '' }).after).toBe('')
  })

  it.each<[object, string, string]>([
    [{ table: 'a.b.c' }, 'EC_TABLE', 'The table of a migration "a.b.c" is not a table name'],
    [{ table: undefined }, 'EC_TABLE', 'The table of a migration (undefined) is not a table name'],
    [{ table: 't'.repeat(64) }, 'EC_IDENTIFIER', 'is 64 bytes long; PostgreSQL would cut it at 63'],
    [{ old: {} }, 'EC_COLUMNS', 'The migration of "crm"."users" declares no old column'],
    [{ new: undefined }, 'EC_COLUMNS', 'declares no new column'],
    [{ new: { name: 'text' } }, 'EC_COLUMNS', 'The column "name" of the migration of "crm"."users" is on both sides'],
    [{ old: { ['x'.repeat(64)]: 'text' } }, 'EC_IDENTIFIER', 'The old column of the migration of "crm"."users"'],
    [
      { old: { name: 'text', kind: 'int4 default 1' } },
      'EC_TYPE',
      'The type "int4 default 1" of the old column "kind"',
    ],
    [{ forward: { full_name: 'upper(name)' } }, 'EC_MAPPING_MISSING', 'The new column "is_admin"'],
    [{ forward: undefined }, 'EC_MAPPING_MISSING', 'The new column "full_name"'],
    [
      { backward: { ...declaration.backward, age: '1' } },
      'EC_MAPPING_COLUMN',
      'computes "age", which is not one of its old columns',
    ],
    [
      { forward: { ...declaration.forward, full_name: 'full_name' } },
      'EC_MAPPING_COLUMN',
      'The mapping of "full_name"',
    ],
    [{ forward: { ...declaration.forward, full_name: 'upper(name' } }, 'EC_EXPRESSION', 'has a ( that is not closed'],
    [{ forward: { ...declaration.forward, full_name: '' } }, 'EC_EXPRESSION', 'is empty'],
    [
      { forward: { ...declaration.forward, full_name: 'name || now()' } },
      'EC_VOLATILE_MAPPING',
      'The mapping of "full_name" of the migration of "crm"."users" uses now',
    ],
    [{ id: '' }, 'EC_OPTION', 'The option `id` of the migration of "crm"."users" is not a text'],
    [{ id: 7 }, 'EC_OPTION', 'The option `id`'],
    [{ flags: 'f' }, 'EC_OPTION', 'The option "flags" of the migration of "crm"."users" is not known'],
    [{ flag: ' ' }, 'EC_OPTION', 'The option `flag` of the migration of "crm"."users" is not the name of a flag'],
    [{ app: 'both' }, 'EC_OPTION', 'The option `app` of the migration of "crm"."users" is not \'old\' or \'new\''],
    [{ after: 'x'.repeat(64) }, 'EC_IDENTIFIER', 'The column `after`'],
    [{ after: 'name' }, 'EC_OPTION', 'The option `after` of the migration of "crm"."users" is not a column that stays'],
    [{ constraints: { '': 'x' } }, 'EC_IDENTIFIER', 'A constraint of the migration of "crm"."users" is empty'],
    [{ constraints: { a: 7 } }, 'EC_IDENTIFIER', 'A constraint of the migration of "crm"."users" is number'],
  ])('refuses %j with %s', (changes, code, message) => {
    const error = errorOf(changes)
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(error.hint.length).toBeGreaterThan(10)
  })

  it('does not take what every object inherits for a mapping', () => {
    const error = errorOf({ new: { constructor: 'text' }, forward: {}, backward: { name: '1', kind: '1' } })
    expect(error).toMatchObject({ code: 'EC_MAPPING_MISSING' })
    expect(error.message).toContain('"constructor"')
  })
})

describe('buildMigration', () => {
  it('refuses a plain column mapping from a column that is not there', () => {
    expect(() =>
      buildMigration({
        table: 'users',
        old: { name: 'text' },
        new: { full_name: 'text' },
        forward: { full_name: { kind: 'column', column: 'nmae' } },
        backward: { name: { kind: 'column', column: 'full_name' } },
      }),
    ).toThrowError(
      expect.objectContaining({
        code: 'EC_MAPPING_COLUMN',
        message: expect.stringContaining('The mapping of "full_name" of the migration of "users" names "nmae"'),
      }),
    )
  })
})
