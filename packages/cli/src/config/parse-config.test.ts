import { expect, it } from 'vitest'
import { parseConfig } from './parse-config.ts'

it('fills in what is left out', () => {
  expect(parseConfig(undefined, {})).toEqual({
    file: undefined,
    url: undefined,
    migrations: undefined,
    drizzle: undefined,
    typeorm: undefined,
    loader: 'auto',
    schema: 'expand_contract',
    soakMs: 604_800_000,
    holdMs: 259_200_000,
    runbooks: 'docs/migrations',
    backups: 'docs/backups',
    ddl: { lockTimeoutMs: 200, giveUpAfterMs: 1_800_000 },
    backfill: {
      profile: 'gentle',
      batchMs: undefined,
      maxLagSeconds: undefined,
      maxWalBytesPerSecond: undefined,
      throttleQuery: undefined,
    },
  })
})

it('turns durations into milliseconds and rates into bytes', () => {
  const { ddl, backfill } = parseConfig('config.ts', {
    ddl: { lockTimeout: '500ms', giveUpAfter: '2h' },
    backfill: { batchTime: '80ms', maxLag: '10s', maxWal: '50MB/s' },
  })
  expect(ddl).toEqual({ lockTimeoutMs: 500, giveUpAfterMs: 7_200_000 })
  expect(backfill).toMatchObject({ batchMs: 80, maxLagSeconds: 10, maxWalBytesPerSecond: 50e6 })
})

it('names every fault at once, and none of the values', () => {
  const given = { url: 7, shcema: 'x', loader: 's3cret', ddl: { lockTimeout: 's3cret' } }
  expect(() => parseConfig('config.ts', given)).toThrowError(
    expect.objectContaining({
      code: 'EC_CONFIG',
      message: expect.stringMatching(
        /config\.ts is not one: .*url is neither.*loader must be.*ddl\.lockTimeout is not a duration.*shcema is no option/u,
      ),
    }),
  )
  expect(() => parseConfig('config.ts', given)).not.toThrowError(/s3cret/u)
})
