import { MigratingColumn } from '@expand-contract/typeorm'
import { Check, Column, DataSource, Entity, Exclusion, Index, PrimaryGeneratedColumn, Unique } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { queryServer, runScript } from '../support/query-server.ts'
import { PlainUser, to, User, usersDatabase } from './users-database.ts'

const { database, opened, migrating, generated } = usersDatabase()

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

  it('rename another column as they do without the declaration', async () => {
    const renamed = (declare: typeof MigratingColumn) => {
      @Entity('users')
      class Renamed {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'users_pkey' })
        id!: number

        @Column({ type: 'varchar' })
        @declare({ to })
        name!: string

        @Column({ type: 'int', nullable: true })
        years!: number
      }
      return Renamed
    }
    const plain = new DataSource({ type: 'postgres', url: database.url, entities: [renamed(() => () => undefined)] })
    opened.push(await plain.initialize())
    const twin = await generated([], plain)
    expect(twin).toEqual(['ALTER TABLE "users" RENAME COLUMN "age" TO "years"'])
    expect(await generated([renamed(MigratingColumn)])).toEqual([...twin, 'ALTER TABLE "users" ADD "full_name" text'])
    await runScript(database.url, 'alter table users add full_name text')
    expect(await generated([renamed(MigratingColumn)])).toEqual(twin)
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
