import { MigratingColumn, type MigratingColumnOptions, MigratingDataSource } from '@expand-contract/typeorm'
import {
  Column,
  DataSource,
  Entity,
  Generated,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
  ViewColumn,
  ViewEntity,
} from 'typeorm'
import { describe, expect, it } from 'vitest'
import { queryServer, runScript } from '../support/query-server.ts'
import { PlainUser, User, usersDatabase } from './users-database.ts'

const { database, opened, migrating, generated } = usersDatabase()

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
