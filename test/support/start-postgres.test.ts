import { afterEach, describe, expect, test, vi } from 'vitest'
import { newestMajor, serverUrl } from './postgres.ts'
import { asMajor } from './postgres-server.ts'
import { selectedMajors, startPostgres } from './start-postgres.ts'

const NAMES = [
  'PG_MAJORS',
  'EC_POSTGRES',
  'EC_POSTGRES_URL',
  ...[14, 15, 16, 17, 18].map((n) => `EC_POSTGRES_URL_${n}`),
]

function environment(values: Readonly<Record<string, string>>): void {
  for (const name of NAMES) vi.stubEnv(name, values[name])
}
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the majors of a run', () => {
  test('are the oldest and the newest by default', async () => {
    environment({})
    expect(await selectedMajors()).toEqual([14, 18])
  })

  test('are those of PG_MAJORS', async () => {
    environment({ PG_MAJORS: '15, 17,15' })
    expect(await selectedMajors()).toEqual([15, 17])
    environment({ PG_MAJORS: 'all' })
    expect(await selectedMajors()).toEqual([14, 15, 16, 17, 18])
    environment({ PG_MAJORS: '13' })
    await expect(selectedMajors()).rejects.toThrow(/PG_MAJORS.*13.*14, 15, 16, 17, 18/u)
  })

  test('are those of the given servers', async () => {
    environment({ EC_POSTGRES_URL: serverUrl(newestMajor()) })
    expect(await selectedMajors()).toEqual([newestMajor()])
  })
})

describe('the ladder', () => {
  test('takes a given server, and leaves it running', async () => {
    const major = newestMajor()
    const url = serverUrl(major)
    environment({ EC_POSTGRES_URL: url })
    const server = await startPostgres({ major })
    expect(server).toMatchObject({ rung: 'given', major })
    expect(server.url()).toBe(url)
    expect(new URL(server.url('my database')).pathname).toBe('/my%20database')
    await server.stop()
    expect((await startPostgres({ major })).version).toBe(server.version)
  })

  test('refuses a given server of another major', async () => {
    const other = asMajor(newestMajor() === 14 ? 15 : 14, 'Another major')
    environment({ [`EC_POSTGRES_URL_${other}`]: serverUrl(newestMajor()) })
    await expect(startPostgres({ major: other })).rejects.toThrow(`not ${other}`)
  })

  test('says which variable has a server that does not answer, and not its password', async () => {
    environment({ EC_POSTGRES_URL: 'postgres://somebody:secret@127.0.0.1:1/postgres' })
    const error: unknown = await startPostgres({ major: 18 }).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/EC_POSTGRES_URL does not answer/u)
    expect(String(error)).not.toContain('secret')
  })

  test('knows no other rung', async () => {
    environment({ EC_POSTGRES: 'cloud' })
    await expect(startPostgres({ major: 18 })).rejects.toThrow(/EC_POSTGRES is "cloud"/u)
  })
})
