import { MigratingColumn, type MigratingColumnOptions, MigratingDataSource } from '@expand-contract/typeorm'
import {
  Check,
  Column,
  DataSource,
  type DataSourceOptions,
  Entity,
  Exclusion,
  Generated,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
  ViewColumn,
  ViewEntity,
} from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer, runScript } from '../support/query-server.ts'

let database: TestDatabase
let opened: DataSource[] = []

beforeEach(async () => {
  database = await createDatabase(newestMajor(), {
    sql: `create table users (id serial primary key, name varchar not null, age int);
          insert into users (name) values ('Ada')`,
  })
})

afterEach(async () => {
  await Promise.all(opened.map((source) => source.destroy()))
  opened = []
  await database.drop()
})

type Entities = DataSourceOptions['entities']

async function migrating(entities: Entities): Promise<MigratingDataSource> {
  const source = new MigratingDataSource({ type: 'postgres', url: database.url, entities: entities ?? [] })
  opened.push(source)
  return source.initialize()
}

/** The SQL of `migration:generate`, without names of constraints that TypeORM makes up. */
async function generated(entities: Entities, source?: DataSource): Promise<readonly string[]> {
  const { upQueries } = await (source ?? (await migrating(entities))).driver.createSchemaBuilder().log()
  return upQueries.map(({ query }) => query.replaceAll(/\s+/gu, ' ').trim())
}

const to = { name: 'full_name', type: 'text' } as const

@Entity('users')
class User {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
  id!: number

  @Column({ type: 'varchar' })
  @MigratingColumn({ to })
  name!: string

  @Column({ type: 'int', nullable: true })
  age!: number
}

@Entity('users')
class PlainUser {
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
  id!: number

  @Column({ name: 'full_name', type: 'text' })
  name!: string

  @Column({ type: 'int', nullable: true })
  age!: number
}

describe('entities of the old side', () => {
  it('add the new column, nullable and without default', async () => {
    expect(await generated([User])).toEqual(['ALTER TABLE "users" ADD "full_name" text'])
  })

  it('do so by synchronize, and then nothing, however often', async () => {
    const source = await migrating([User])
    await source.synchronize()
    await source.synchronize()
    expect(await generated([User], source)).toEqual([])
    await source.manager.save(User, { name: 'Bob', age: 1 })
    const { rows } = await queryServer(database.url, 'select * from users order by id')
    expect(rows).toEqual([
      { id: 1, name: 'Ada', age: null, full_name: null },
      { id: 2, name: 'Bob', age: 1, full_name: 'Bob' },
    ])
  })

  it('do not take a column that goes at the same time for one that is renamed', async () => {
    @Entity('users')
    class Younger {
      @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
      id!: number

      @Column({ type: 'varchar' })
      @MigratingColumn({ to: { name: 'full_name', type: 'int', array: false } })
      name!: string
    }
    expect(await generated([Younger])).toEqual([
      'ALTER TABLE "users" DROP COLUMN "age"',
      'ALTER TABLE "users" ADD "full_name" integer',
    ])
  })

  it('change whatever else has changed', async () => {
    @Entity('users')
    @Index('users_age', ['age'])
    class Older {
      @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
      id!: number

      @Column({ type: 'varchar' })
      @MigratingColumn({ to })
      name!: string

      @Column({ type: 'int', nullable: true })
      age!: number

      @Column({ type: 'text', nullable: true })
      city!: string
    }
    await runScript(database.url, 'alter table users add full_name text; create index on users (full_name)')
    expect(await generated([Older])).toEqual([
      'ALTER TABLE "users" ADD "city" text',
      'CREATE INDEX "users_age" ON "users" ("age")',
    ])
  })

  it('leave alone whatever is on the new column', async () => {
    await runScript(
      database.url,
      `create extension btree_gist;
       create table cities (name text primary key);
       alter table users add full_name varchar(60) default '' check (full_name <> 'x') unique;
       update users set full_name = name;
       alter table users alter full_name set not null,
         add foreign key (full_name) references cities not valid,
         add exclude using gist (full_name with =, age with <>),
         add constraint pair unique (full_name, age), add constraint one_of check (full_name <> '' or age > 0);
       create index on users (age) where full_name is not null;
       create index on users (lower(full_name));
       comment on column users.full_name is 'x'`,
    )
    expect(await generated([User])).toEqual([])
  })

  it('do not bring the old column back when it has gone', async () => {
    await runScript(database.url, 'alter table users add full_name text; alter table users drop name')
    expect(await generated([User])).toEqual([])
  })

  describe('with all that TypeORM can put on a column', () => {
    @Entity('users')
    @Unique('users_name_age', ['name', 'age'])
    @Check('users_name_given', `"name" <> ''`)
    @Exclusion('users_name_once', 'USING gist ("name" WITH =, "age" WITH <>)')
    @Index('users_long_names', ['age'], { where: `"name" > 'x'` })
    class Decorated {
      @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
      id!: number

      @Index()
      @Column({ type: 'varchar', default: () => "upper('nobody')", comment: 'as called', unique: true })
      @MigratingColumn({ to: { ...to, comment: 'as on the passport', collation: 'C' } })
      name!: string

      @Column({ type: 'int', nullable: true })
      age!: number
    }

    const plain = async (): Promise<void> => {
      @Entity('users')
      @Unique('users_name_age', ['name', 'age'])
      @Check('users_name_given', `"name" <> ''`)
      @Exclusion('users_name_once', 'USING gist ("name" WITH =, "age" WITH <>)')
      @Index('users_long_names', ['age'], { where: `"name" > 'x'` })
      class Plain {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
        id!: number

        @Index()
        @Column({ type: 'varchar', default: () => "upper('nobody')", comment: 'as called', unique: true })
        name!: string

        @Column({ type: 'int', nullable: true })
        age!: number
      }
      await runScript(database.url, 'create extension btree_gist')
      const source = new DataSource({ type: 'postgres', url: database.url, entities: [Plain], synchronize: true })
      opened.push(source)
      await source.initialize()
      expect(await generated([], source)).toEqual([])
    }

    it('add the new column, and keep all of it on the old one', async () => {
      await plain()
      expect(await generated([Decorated])).toEqual([
        'ALTER TABLE "users" ADD "full_name" text COLLATE "C"',
        `COMMENT ON COLUMN "users"."full_name" IS 'as on the passport'`,
      ])
      await (await migrating([Decorated])).synchronize()
      expect(await generated([Decorated])).toEqual([])
    })

    it('ask for none of it when the old column has gone', async () => {
      await plain()
      await runScript(database.url, 'alter table users add full_name text; alter table users drop name cascade')
      expect(await generated([Decorated])).toEqual([])
    })
  })

  it('make a new table with both columns', async () => {
    await runScript(database.url, 'drop table users')
    expect(await generated([User])).toEqual([
      'CREATE TABLE "users" ("id" SERIAL NOT NULL, "name" character varying NOT NULL, "age" integer, "full_name" text, CONSTRAINT "users_pkey" PRIMARY KEY ("id"))',
    ])
  })

  it('are followed by a plain entity, for which the old column is dropped', async () => {
    await runScript(database.url, 'alter table users add full_name text; update users set full_name = name')
    const source = new DataSource({ type: 'postgres', url: database.url, entities: [PlainUser] })
    opened.push(source)
    await source.initialize()
    expect(await generated([], source)).toEqual([
      'ALTER TABLE "users" DROP COLUMN "name"',
      'ALTER TABLE "users" ALTER COLUMN "full_name" SET NOT NULL',
    ])
  })
})

describe('entities of the new side', () => {
  @Entity('users')
  @Unique('users_full_name', ['name'])
  @Check('users_full_name_given', `"full_name" <> ''`)
  @Exclusion('users_full_name_once', 'USING gist ("full_name" WITH =)')
  class NewUser {
    @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
    id!: number

    @Index()
    @Column({ name: 'full_name', type: 'text', default: '' })
    @MigratingColumn({ from: { name: 'name', type: 'varchar' } })
    name!: string

    @Column({ type: 'int', nullable: true })
    age!: number
  }

  it('add the column that they describe, bare', async () => {
    expect(await generated([NewUser])).toEqual(['ALTER TABLE "users" ADD "full_name" text'])
  })

  it('generate nothing while both columns are there', async () => {
    await runScript(
      database.url,
      'alter table users add full_name text; create index users_names on users (name); create index on users (full_name)',
    )
    expect(await generated([NewUser])).toEqual([])
  })

  it('describe the table once the old column has gone', async () => {
    await runScript(
      database.url,
      'create extension btree_gist; alter table users add full_name text; alter table users drop name',
    )
    const changes = await generated([NewUser])
    expect(changes).toContain('ALTER TABLE "users" ALTER COLUMN "full_name" SET NOT NULL')
    expect(changes.join()).toMatch(/CREATE INDEX "\w+" ON "users" \("full_name"\)/u)
    expect(changes.join()).not.toContain('"name"')
  })
})

describe('views over migrating tables', () => {
  @ViewEntity({ name: 'user_names', expression: 'SELECT "id", "name" FROM "users"' })
  class UserName {
    @ViewColumn()
    id!: number

    @ViewColumn()
    name!: string
  }

  it('are made, read and left as they are', async () => {
    const source = await migrating([User, UserName])
    await source.synchronize()
    expect(await generated([], source)).toEqual([])
    await source.manager.save(User, { name: 'Bob', age: 1 })
    expect(await source.manager.findBy(UserName, { name: 'Bob' })).toEqual([{ id: 2, name: 'Bob' }])
  })

  it('are made anew with the new column before the old one goes', async () => {
    await (await migrating([User, UserName])).synchronize()
    @ViewEntity({ name: 'user_names', expression: 'SELECT "id", "full_name" AS "name" FROM "users"' })
    class NewUserName {
      @ViewColumn()
      name!: string
    }
    await runScript(database.url, 'update users set full_name = name')
    const source = new DataSource({ type: 'postgres', url: database.url, entities: [PlainUser, NewUserName] })
    opened.push(source)
    await source.initialize()
    await source.synchronize()
    expect(await source.manager.find(NewUserName)).toEqual([{ name: 'Ada' }])
    const { rows } = await queryServer(database.url, 'select * from users')
    expect(rows).toEqual([{ id: 1, age: null, full_name: 'Ada' }])
  })
})

describe('other kinds of columns', () => {
  it('get their types as @Column gives them', async () => {
    @Entity('users')
    class Typed {
      @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
      id!: number

      @Column({ type: 'varchar' })
      @MigratingColumn({
        to: [
          { name: 'first', type: 'varchar', length: 50, collation: 'C' },
          { name: 'kind', type: 'enum', enum: ['a', 'b'] },
        ],
        forward: { first: (name) => `substr(${name}, 1, 50)`, kind: "'a'::users_kind_enum" },
        backward: (first, kind) => `concat(${first}, ${kind}::text)`,
      })
      name!: string

      @Column({ type: 'int', nullable: true })
      @MigratingColumn({
        to: { name: 'years', type: 'numeric', precision: 5, scale: 1, array: true },
        forward: 'array[age]',
        backward: 'years[1]',
      })
      age!: number
    }
    expect(await generated([Typed])).toEqual([
      'ALTER TABLE "users" ADD "first" character varying(50) COLLATE "C"',
      `CREATE TYPE "public"."users_kind_enum" AS ENUM('a', 'b')`,
      'ALTER TABLE "users" ADD "kind" "public"."users_kind_enum"',
      'ALTER TABLE "users" ADD "years" numeric(5,1) array',
    ])
  })

  it('may be what TypeORM writes and draws itself, and parts of a key', async () => {
    const start = async (declare: (options: MigratingColumnOptions) => PropertyDecorator) => {
      @Entity('documents')
      class Document {
        @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'documents_pkey' })
        volume!: number

        @PrimaryColumn({ type: 'varchar', primaryKeyConstraintName: 'documents_pkey' })
        @declare({ to: { name: 'title_text', type: 'text' } })
        title!: string

        @Column({ type: 'uuid' })
        @Generated('uuid')
        @declare({ to: { name: 'public_id', type: 'varchar' } })
        token!: string

        @VersionColumn()
        @declare({ to: { name: 'revision_big', type: 'int8' } })
        revision!: number

        @UpdateDateColumn({ type: 'timestamptz' })
        @declare({ to: { name: 'changed_at', type: 'timestamptz' } })
        changed!: Date

        @Column({ type: 'simple-enum', enum: ['a', 'b'], enumName: 'document_kind', default: 'a' })
        @declare({ to: { name: 'sort', type: 'enum', enum: ['a', 'b'], enumName: 'document_kind' } })
        kind!: string

        @Column({ type: 'simple-json', nullable: true })
        @declare({ to: { name: 'data', type: 'jsonb' } })
        extras!: unknown
      }
      const options = {
        type: 'postgres' as const,
        url: database.url,
        entities: [Document],
        uuidExtension: 'pgcrypto' as const,
      }
      const source = declare === MigratingColumn ? new MigratingDataSource(options) : new DataSource(options)
      opened.push(source)
      return source.initialize()
    }
    const plain = await start(() => () => undefined)
    await plain.synchronize()
    const source = await start(MigratingColumn)
    const added = await generated([], source)
    expect(added).toEqual(
      [
        ['title_text', 'text'],
        ['public_id', 'character varying'],
        ['revision_big', 'bigint'],
        ['changed_at', 'TIMESTAMP WITH TIME ZONE'],
        ['sort', '"public"."document_kind"'],
        ['data', 'jsonb'],
      ].map(([name, type]) => `ALTER TABLE "documents" ADD "${name}" ${type}`),
    )
    await source.synchronize()
    expect(await generated([], source)).toEqual([])
  })

  it('may be that of a relation', async () => {
    await runScript(
      database.url,
      'create table posts (id serial constraint posts_pkey primary key, "authorId" int constraint posts_author references users)',
    )
    @Entity('posts')
    class Post {
      @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'posts_pkey' })
      id!: number

      @ManyToOne(() => User)
      @JoinColumn({ foreignKeyConstraintName: 'posts_author' })
      @MigratingColumn({ to: { name: 'author_id', type: 'int8' } })
      author!: User
    }
    const source = await migrating([User, Post])
    await source.synchronize()
    await runScript(database.url, 'alter table posts add foreign key (author_id) references users')
    expect(await generated([], source)).toEqual([])
    await source.manager.save(Post, { author: { id: 1 } })
    const { rows } = await queryServer(database.url, 'select * from posts')
    expect(rows).toEqual([{ id: 1, authorId: 1, author_id: '1' }])
    expect(
      await source.manager.findOne(Post, { where: { author: { name: 'Ada' } }, relations: { author: true } }),
    ).toEqual({
      id: 1,
      author: { id: 1, name: 'Ada', age: null },
    })
  })
})
