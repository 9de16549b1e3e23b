import { expect, it, vi } from 'vitest'
import { MigratingDataSource } from './migrating-data-source.ts'

// TypeORM before 0.3.
vi.mock('typeorm', async (original) => ({ ...(await original<object>()), DataSource: undefined }))

it('a TypeORM without DataSource is loaded, and refused when it is used', () => {
  expect(() => new MigratingDataSource({ type: 'postgres' })).toThrowError(
    expect.objectContaining({ code: 'EC_TYPEORM_VERSION', message: expect.stringContaining('older than 0.3.20') }),
  )
})
