import type { ClientConfig } from 'pg'

/** Where the database is: a URL, what pg's Client takes, or a function that answers either (for tokens that expire). */
export type Connection = string | ClientConfig | (() => string | ClientConfig | Promise<string | ClientConfig>)

export interface Config {
  /** The database, as a role that owns the tables. @defaultValue the environment's DATABASE_URL */
  readonly url?: Connection | undefined
  /** A module whose exports are migrations, or lists of them; relative to this file. @defaultValue none */
  readonly migrations?: string | undefined
  /** A Drizzle schema with migrating columns. @defaultValue none */
  readonly drizzle?: { readonly schema: string; readonly casing?: 'snake_case' | 'camelCase' | undefined } | undefined
  /** A module that exports a MigratingDataSource. @defaultValue none */
  readonly typeorm?: { readonly dataSource: string } | undefined
  /**
   * How TypeScript is loaded: by Node alone, jiti, tsx or swc. Neither Node nor jiti loads `@Column() name!: string`.
   * @defaultValue 'auto': JavaScript by Node, TypeScript by jiti, and TypeORM's by @swc-node/register or tsx where the project has it
   */
  readonly loader?: 'auto' | 'native' | 'jiti' | 'tsx' | 'swc' | undefined
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string | undefined
  /** How long production must have read the new column only before `contract`. @defaultValue '7d' */
  readonly soak?: string | undefined
  /** How long the old column must have been held before `drop`. @defaultValue '3d' */
  readonly hold?: string | undefined
  /** Where runbooks are written, and read by `check`; relative to this file. @defaultValue 'docs/migrations' */
  readonly runbooks?: string | undefined
  /**
   * The folder of backups, which hold values of rows; relative to this file. Where it is made, git is told to leave it out.
   * @defaultValue 'docs/backups'
   */
  readonly backups?: string | undefined
  readonly ddl?:
    | {
        /** How long one try waits for a lock: `200ms`. What waits behind it waits as long. @defaultValue '200ms' */
        readonly lockTimeout?: string | undefined
        /** How long it tries in all. @defaultValue '30m' */
        readonly giveUpAfter?: string | undefined
      }
    | undefined
  readonly backfill?:
    | {
        readonly profile?: 'gentle' | 'fast' | undefined
        /** What a batch should take. @defaultValue that of the profile: 60ms, 120ms */
        readonly batchTime?: string | undefined
        /** How far a replica may be behind. @defaultValue '5s' */
        readonly maxLag?: string | undefined
        /** How much WAL the server may write: `50MB/s`. @defaultValue no limit */
        readonly maxWal?: string | undefined
        /** A SELECT that says "not now". @defaultValue none */
        readonly throttleQuery?: string | undefined
      }
    | undefined
}

/** Gives a configuration its type. */
export const defineConfig = (config: Config): Config => config
