import { HOLD_MS, SOAK_MS } from '@expand-contract/runner'
import * as v from 'valibot'
import { cliError } from '../cli-error.ts'
import { parseDuration, parseRate } from '../output/duration.ts'
import type { Config, Connection } from './config.ts'

/** A configuration that was checked: durations in milliseconds, rates in bytes per second, defaults filled in. */
export interface ParsedConfig {
  /** The file; undefined where there is none. */
  readonly file: string | undefined
  readonly url: Connection | undefined
  readonly migrations: string | undefined
  readonly drizzle: Config['drizzle']
  readonly typeorm: Config['typeorm']
  readonly loader: NonNullable<Config['loader']>
  readonly schema: string
  readonly soakMs: number
  readonly holdMs: number
  /** The folder of the runbooks, relative to the file. */
  readonly runbooks: string
  /** The folder of the backups, relative to the file. */
  readonly backups: string
  readonly ddl: { readonly lockTimeoutMs: number; readonly giveUpAfterMs: number }
  readonly backfill: {
    readonly profile: 'gentle' | 'fast'
    readonly batchMs: number | undefined
    readonly maxLagSeconds: number | undefined
    readonly maxWalBytesPerSecond: number | undefined
    readonly throttleQuery: string | undefined
  }
}

const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'is not a duration such as 200ms, 5s, 15m, 2h or 7d'),
  v.transform((text) => parseDuration(text) ?? 0),
)

const rate = v.pipe(
  v.string(),
  v.check((text) => parseRate(text) !== undefined, 'is not a rate such as 50MB/s'),
  v.transform((text) => parseRate(text) ?? 0),
)

const connection = v.custom<Connection>(
  (value) => typeof value === 'string' || typeof value === 'function' || (typeof value === 'object' && value !== null),
  'is neither a URL nor what pg\u2019s Client takes, nor a function that answers one of these',
)

const SCHEMA = v.strictObject({
  url: v.optional(connection),
  migrations: v.optional(v.pipe(v.string(), v.minLength(1, 'is empty'))),
  drizzle: v.optional(
    v.strictObject({ schema: v.string(), casing: v.optional(v.picklist(['snake_case', 'camelCase'])) }),
  ),
  typeorm: v.optional(v.strictObject({ dataSource: v.string() })),
  loader: v.optional(v.picklist(['auto', 'native', 'jiti', 'tsx', 'swc'])),
  schema: v.optional(v.pipe(v.string(), v.minLength(1, 'is empty'))),
  soak: v.optional(duration),
  hold: v.optional(duration),
  runbooks: v.optional(v.pipe(v.string(), v.minLength(1, 'is empty'))),
  backups: v.optional(v.pipe(v.string(), v.minLength(1, 'is empty'))),
  ddl: v.optional(v.strictObject({ lockTimeout: v.optional(duration), giveUpAfter: v.optional(duration) })),
  backfill: v.optional(
    v.strictObject({
      profile: v.optional(v.picklist(['gentle', 'fast'])),
      batchTime: v.optional(duration),
      maxLag: v.optional(duration),
      maxWal: v.optional(rate),
      throttleQuery: v.optional(v.string()),
    }),
  ),
})

/** @throws EC_CONFIG, with every fault at once */
export function parseConfig(file: string | undefined, given: unknown): ParsedConfig {
  const parsed = v.safeParse(SCHEMA, given)
  if (!parsed.success) {
    const faults = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'the configuration'} ${faultOf(issue)}`)
    throw cliError('EC_CONFIG', {
      message: `${file ?? 'The configuration'} is not one: ${faults.join('; ')}.`,
      hint: 'Write it with `defineConfig` of @expand-contract/cli, whose types name every option.',
    })
  }
  const {
    url,
    migrations,
    drizzle,
    typeorm,
    loader = 'auto',
    schema = 'expand_contract',
    soak = SOAK_MS,
    hold = HOLD_MS,
    runbooks = 'docs/migrations',
    backups = 'docs/backups',
    ddl,
    backfill,
  } = parsed.output
  return {
    ...{ file, url, migrations, drizzle, typeorm, loader, schema, runbooks, backups, soakMs: soak, holdMs: hold },
    ddl: { lockTimeoutMs: ddl?.lockTimeout ?? 200, giveUpAfterMs: ddl?.giveUpAfter ?? 1_800_000 },
    backfill: {
      profile: backfill?.profile ?? 'gentle',
      batchMs: backfill?.batchTime,
      maxLagSeconds: backfill?.maxLag === undefined ? undefined : backfill.maxLag / 1_000,
      maxWalBytesPerSecond: backfill?.maxWal,
      throttleQuery: backfill?.throttleQuery,
    },
  }
}

/** valibot quotes what it was given, which may be a password. */
function faultOf({ type, kind, message, expected }: v.BaseIssue<unknown>): string {
  if (type === 'strict_object' && expected === 'never') return 'is no option'
  if (kind === 'schema' && expected !== null && type !== 'custom') return `must be ${expected}`
  return message
}
