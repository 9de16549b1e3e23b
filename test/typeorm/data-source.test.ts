import { type FlagSource, fixedFlags, fixedPhases } from '@expand-contract/core'
import { MigratingColumn, MigratingDataSource, type MigratingRuntimeOptions } from '@expand-contract/typeorm'
import pg from 'pg'
import {
  BaseEntity,
  CannotConnectAlreadyConnectedError,
  CannotExecuteNotConnectedError,
  Column,
  type DataSourceOptions,
  Entity,
  EventSubscriber,
  type MigrationInterface,
  PrimaryGeneratedColumn,
  type QueryRunner,
} from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer, runScript } from '../support/query-server.ts'
import { needsTypeorm } from './typeorm-version.ts'

const FLAG = 'users-read-full-name'

@Entity('users')
class User extends BaseEntity {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'varchar' })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: FLAG })
  name!: string
}

let database: TestDatabase
let opened: MigratingDataSource[] = []

// Both columns, and a row that tells which one is read.
const SCHEMA = `create table users (id serial constraint "PK_a3ffb1c0c8416b9fc6f907b7433" primary key, name varchar not null, full_name text);
  insert into users (name, full_name) values ('old', 'new')`

beforeEach(async () => {
  database = await createDatabase(newestMajor(), { sql: SCHEMA })
})

afterEach(async () => {
  await Promise.all(opened.filter((source) => source.isInitialized).map((source) => source.destroy()))
  opened = []
  await database.drop()
})

type Options = Partial<Extract<DataSourceOptions, { type: 'postgres' }>>

function dataSource(options: Options = {}, runtimeOptions: MigratingRuntimeOptions = {}): MigratingDataSource {
  const source = new MigratingDataSource(
    { url: database.url, entities: [User], ...options, type: 'postgres' },
    { phases: fixedPhases({ 'users.full_name': 'switch' }), ...runtimeOptions },
  )
  opened.push(source)
  return source
}

const stored = async () => (await queryServer(database.url, 'select name, full_name from users order by id')).rows

const written = { name: 'Ada', full_name: 'Ada' }

async function save(source: MigratingDataSource): Promise<void> {
  await source.initialize()
  await source.manager.save(User, { name: 'Ada' })
}

describe('the driver', () => {
  it('is handed over beside what `extra` has', async () => {
    const source = dataSource({ extra: { application_name: 'shop', max: 1 }, poolSize: 9 })
    await save(source)
    expect(await stored()).toContainEqual(written)
    expect(await source.query('show application_name')).toEqual([{ application_name: 'shop' }])
    expect(source.options.extra).toEqual({ application_name: 'shop', max: 1 })
  })

  it('is built on a Client of the user', async () => {
    const users: unknown[] = []
    class Traced extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super(config)
        users.push(this.user)
      }
    }
    await save(dataSource({ extra: { Client: Traced } }))
    expect(await stored()).toContainEqual(written)
    expect(users).toContain(new URL(database.url).username)
  })

  it('is built on a pg module of the user', async () => {
    let pools = 0
    class Pool extends pg.Pool {
      constructor(config: pg.PoolConfig) {
        super(config)
        pools++
      }
    }
    await save(dataSource({ driver: { ...pg, Pool } }))
    expect(await stored()).toContainEqual(written)
    expect(pools).toBe(1)
  })

  it('is the JavaScript one where pg-native is installed', async () => {
    class NativeClient {
      constructor() {
        throw new Error('pg-native was used')
      }
    }
    class NativePool extends pg.Pool {
      constructor(config: pg.PoolConfig) {
        super({ Client: NativeClient as never, ...config })
      }
    }
    const native = { ...pg, Client: NativeClient, Pool: NativePool }
    await save(dataSource({ driver: { ...pg, native }, nativeDriver: {} }))
    expect(await stored()).toContainEqual(written)
  })

  it('serves the primary and the replicas', async () => {
    const flags = fixedFlags({ [FLAG]: true })
    const credentials = { url: database.url }
    const source = dataSource(
      { replication: { master: credentials, slaves: [credentials, credentials] } },
      { flags, catalogRefreshMs: 100 },
    )
    await save(source)
    expect(await stored()).toContainEqual(written)
    expect(await source.manager.findBy(User, { name: 'new' })).toHaveLength(1)
    const primary = source.createQueryRunner('master')
    expect(await primary.manager.findBy(User, { name: 'new' })).toHaveLength(1)
    await primary.release()
  })

  it('is that of a connection by its parts', async () => {
    const { hostname, port, username, password, pathname } = new URL(database.url)
    const { url: _, ...parts } = {
      url: '',
      host: hostname,
      port: Number(port),
      username,
      password,
      database: pathname.slice(1),
    }
    const source = new MigratingDataSource({ type: 'postgres', entities: [User], ...parts })
    opened.push(source)
    await save(source)
    expect(await stored()).toContainEqual(written)
  })
})

describe('starting', () => {
  class AddFullName implements MigrationInterface {
    readonly name = 'AddFullName1700000000000'

    async up(runner: QueryRunner): Promise<void> {
      await runner.query('ALTER TABLE "users" ADD "full_name" text')
      // By hand, as a small table is backfilled.
      await runner.query('UPDATE "users" SET "full_name" = "name"')
      await runner.manager.insert(User, { name: 'in the migration' })
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('ALTER TABLE "users" DROP COLUMN "full_name"')
    }
  }

  it('runs migrations, which add and fill the column, and write both', async () => {
    await runScript(database.url, 'alter table users drop full_name')
    const source = dataSource({ migrations: [AddFullName], migrationsRun: true })
    await save(source)
    expect(await stored()).toEqual([
      { name: 'old', full_name: 'old' },
      { name: 'in the migration', full_name: 'in the migration' },
      written,
    ])
    await source.undoLastMigration()
    await source.manager.save(User, { name: 'after' })
    expect(await source.query('select * from users where name = $1', ['after'])).toEqual([{ id: 4, name: 'after' }])
  })

  it.each(['all', 'each', 'none'] as const)('runs migrations in %s transactions', async (transaction) => {
    await runScript(database.url, 'alter table users drop full_name')
    class Later implements MigrationInterface {
      readonly name = 'Later1700000001000'
      async up(runner: QueryRunner): Promise<void> {
        await runner.manager.save(User, { name: 'later' })
        await runner.query('UPDATE "users" SET "name" = "name" || $1 WHERE "name" = $2', ['!', 'later'])
      }
      async down(): Promise<void> {}
    }
    const source = await dataSource({ migrations: [AddFullName, Later] }).initialize()
    await source.runMigrations({ transaction })
    expect(await stored()).toEqual([
      { name: 'old', full_name: 'old' },
      { name: 'in the migration', full_name: 'in the migration' },
      { name: 'later!', full_name: 'later!' },
    ])
  })

  it('synchronizes an empty database', async () => {
    await runScript(database.url, 'drop table users')
    await save(dataSource({ synchronize: true }))
    expect(await stored()).toEqual([written])
  })

  it('drops the schema where it is asked to', async () => {
    await save(dataSource({ dropSchema: true, synchronize: true }))
    expect(await stored()).toEqual([written])
  })

  it('works again after it was destroyed', async () => {
    const source = dataSource()
    await save(source)
    await source.destroy()
    await save(source)
    expect(await stored()).toEqual([{ name: 'old', full_name: 'new' }, written, written])
  })

  it('starts once where several ask for it at the same time, as the requests of a serverless function do', async () => {
    const log: unknown[] = []
    const flags: FlagSource = {
      isEnabled: () => false,
      start: () => void log.push('started'),
      stop: () => void log.push('stopped'),
    }
    const source = dataSource({}, { flags })
    const started = await Promise.all([source.initialize(), source.initialize(), source.initialize()])
    expect(new Set(started)).toEqual(new Set([source]))
    await source.manager.save(User, { name: 'Ada' })
    expect(await stored()).toContainEqual(written)
    await source.destroy()
    expect(log).toEqual(['started', 'stopped'])
    expect(source.options.extra).toBeUndefined()
    await save(source)
    expect(await stored()).toEqual([{ name: 'old', full_name: 'new' }, written, written])
  })

  it('goes on starting when it is told to end too early, which TypeORM refuses', async () => {
    const source = dataSource()
    const starting = source.initialize()
    await expect(source.destroy()).rejects.toThrow(CannotExecuteNotConnectedError)
    await starting
    expect(source.runtime.migrations).toHaveLength(1)
    await source.manager.save(User, { name: 'Ada' })
    expect(await stored()).toContainEqual(written)
  })

  it('starts again after it could not', async () => {
    const source = dataSource({ migrations: [AddFullName], migrationsRun: true })
    await expect(Promise.all([source.initialize(), source.initialize()])).rejects.toMatchObject({ code: '42701' })
    await runScript(database.url, 'alter table users drop full_name')
    expect(() => source.runtime).toThrowError(expect.objectContaining({ code: 'EC_TYPEORM_NOT_INITIALIZED' }))
    await save(source)
    expect(await stored()).toContainEqual(written)
  })

  it('refuses to start twice, as TypeORM does', async () => {
    const source = await dataSource().initialize()
    await expect(source.initialize()).rejects.toThrow(CannotConnectAlreadyConnectedError)
    expect(await source.manager.count(User)).toBe(1)
  })

  it('builds subscribers once', async () => {
    let built = 0
    @EventSubscriber()
    class Subscriber {
      constructor() {
        built++
      }
    }
    await dataSource({ subscribers: [Subscriber] }).initialize()
    expect(built).toBe(1)
  })

  it('leaves the options that it was given as they are', async () => {
    const options = Object.freeze({ type: 'postgres' as const, url: database.url, entities: [User] })
    const source = new MigratingDataSource(options)
    opened.push(source)
    await save(source)
    expect(await stored()).toContainEqual(written)
  })
})

describe('options of a DataSource', () => {
  it('are those of TypeORM', async () => {
    const source = dataSource({
      entitySkipConstructor: true,
      installExtensions: true,
      maxQueryExecutionTime: 1000,
      parseInt8: true,
      relationLoadStrategy: 'query',
    })
    await save(source)
    expect(await stored()).toContainEqual(written)
    expect(await source.manager.findBy(User, { name: 'Ada' })).toHaveLength(1)
    expect(await source.query('select 1::int8 as one')).toEqual([{ one: 1 }])
  })

  it('are those of TypeORM 1: extensions installed, values in conditions refused', async (context) => {
    needsTypeorm('1.0.0', context)
    const source = dataSource({
      installExtensions: true,
      extensions: ['citext'],
      invalidWhereValuesBehavior: { null: 'sql-null', undefined: 'throw' },
      isolationLevel: 'REPEATABLE READ',
    })
    await save(source)
    expect(await stored()).toContainEqual(written)
    expect(await source.manager.findBy(User, { name: null as never })).toEqual([])
    await expect(source.manager.findBy(User, { name: undefined as never })).rejects.toThrow('undefined')
    expect(await source.query("select 'A'::citext = 'a'::citext as same")).toEqual([{ same: true }])
  })

  it('belong to one of several, which share a class and nothing else', async () => {
    const other = await createDatabase(newestMajor(), { sql: SCHEMA })
    const flags = [fixedFlags({ [FLAG]: false }), fixedFlags({ [FLAG]: true })]
    const first = await dataSource({}, { flags: flags[0] as FlagSource }).initialize()
    const second = await dataSource({ url: other.url }, { flags: flags[1] as FlagSource }).initialize()
    try {
      const read = async (source: MigratingDataSource) => (await source.manager.find(User)).map(({ name }) => name)
      expect([await read(first), await read(second)]).toEqual([['old'], ['new']])
      await second.manager.save(User, { name: 'Ada' })
      expect(await stored()).toEqual([{ name: 'old', full_name: 'new' }])
      await first.destroy()
      expect(await read(second)).toEqual(['new', 'Ada'])
    } finally {
      await second.destroy()
      await other.drop()
    }
  })
})

describe('flags', () => {
  it('decide per request, and one request reads one side', async () => {
    const flags = fixedFlags({ [FLAG]: false })
    const source = await dataSource({}, { flags }).initialize()
    const read = async () => (await source.manager.find(User)).map((user) => user.name)
    expect(await read()).toEqual(['old'])
    const inRequest = await source.withContext({ userId: '1' }, async () => {
      const first = await read()
      flags.set(FLAG, true)
      return [first, await read(), (await User.find())[0]?.name]
    })
    expect(inRequest).toEqual([['old'], ['old'], 'old'])
    expect(await read()).toEqual(['new'])
  })

  it('are those of a request also when it waits for a connection', async () => {
    const flags: FlagSource = { isEnabled: (_, { userId }) => userId === 'new' }
    const source = await dataSource({ poolSize: 1 }, { flags }).initialize()
    const users = ['new', 'old', 'new', 'old', 'new'] as const
    const names = await Promise.all(
      users.map((userId) => source.withContext({ userId }, async () => (await source.manager.find(User))[0]?.name)),
    )
    expect(names).toEqual(users)
  })

  it('start with the data source, and stop with it', async () => {
    const log: unknown[] = []
    const flags: FlagSource = {
      isEnabled: () => false,
      start: (names) => void log.push(names),
      stop: () => void log.push('stopped'),
    }
    const source = await dataSource({}, { flags }).initialize()
    expect(log).toEqual([[FLAG]])
    await source.destroy()
    expect(log).toEqual([[FLAG], 'stopped'])
  })

  it('stop when the database is not there', async () => {
    const log: unknown[] = []
    const flags: FlagSource = { isEnabled: () => false, stop: () => void log.push('stopped') }
    const source = dataSource({ url: database.url.replace(/[^/]*$/u, 'no_such_database') }, { flags })
    await expect(source.initialize()).rejects.toMatchObject({ code: '3D000' })
    expect(log).toEqual(['stopped'])
    expect(source.isInitialized).toBe(false)
  })
})

describe('misuse', () => {
  it('is told: the runtime before there is one', () => {
    expect(() => dataSource().runtime).toThrowError(expect.objectContaining({ code: 'EC_TYPEORM_NOT_INITIALIZED' }))
  })

  it('is told: another database', () => {
    const options = { type: 'cockroachdb', url: database.url } as unknown as { type: 'postgres' }
    expect(() => new MigratingDataSource(options)).toThrowError(
      expect.objectContaining({ code: 'EC_TYPEORM_DRIVER', message: expect.stringContaining('"cockroachdb"') }),
    )
  })
})
