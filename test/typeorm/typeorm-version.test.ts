import { createRequire } from 'node:module'
import { MigratingDataSource } from '@expand-contract/typeorm'
import { DataSource } from 'typeorm'
import { expect, it } from 'vitest'
import { typeormFolder, typeormIsSince, typeormVersion } from './typeorm-version.ts'

it(`is TypeORM ${typeormVersion} for these tests and for the package`, () => {
  const loaded = createRequire(import.meta.url)(typeormFolder) as { DataSource: unknown }
  expect(DataSource).toBe(loaded.DataSource)
  expect(Object.getPrototypeOf(MigratingDataSource)).toBe(DataSource)
})

it('is compared by its numbers', () => {
  expect(typeormIsSince('0.3.9')).toBe(true)
  expect(typeormIsSince(typeormVersion)).toBe(true)
  expect(typeormIsSince('10.0.0')).toBe(false)
})
