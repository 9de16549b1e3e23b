import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import { Column, DataSource, Entity, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

// The table of the README: what a property is with the annotation, and with a plain column of the new type after it.

@Entity('rows')
class Annotated {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'int4' })
  @MigratingColumn({ to: { name: 'visits_big', type: 'int8' } })
  visits!: number

  @Column({ type: 'int4' })
  @MigratingColumn({
    to: { name: 'amount', type: 'numeric', precision: 12, scale: 2 },
    forward: 'cents::numeric / 100',
    backward: '(amount * 100)::int4',
  })
  cents!: number

  @Column({ type: 'float8' })
  @MigratingColumn({ to: { name: 'ratio_exact', type: 'numeric' } })
  ratio!: number

  @Column({ type: 'char', length: 4 })
  @MigratingColumn({ to: { name: 'code_text', type: 'text' } })
  code!: string

  @Column({ type: 'date' })
  @MigratingColumn({
    to: { name: 'day_at', type: 'timestamptz' },
    forward: "day::timestamp at time zone 'UTC'",
    backward: "(day_at at time zone 'UTC')::date",
  })
  day!: string

  @Column({ type: 'simple-json' })
  @MigratingColumn({ to: { name: 'extra_data', type: 'jsonb' } })
  extras!: unknown
}

const number: ValueTransformer = { to: (value: unknown) => value, from: Number }

@Entity('rows')
class Plain {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ name: 'visits_big', type: 'int8' })
  visits!: string

  @Column({ name: 'visits_big', type: 'int8', transformer: number, insert: false, update: false })
  visitsAsNumber!: number

  @Column({ type: 'numeric', precision: 12, scale: 2 })
  amount!: string

  @Column({ name: 'ratio_exact', type: 'numeric' })
  ratio!: string

  @Column({ name: 'code_text', type: 'text' })
  code!: string

  @Column({ name: 'day_at', type: 'timestamptz' })
  day!: Date

  @Column({ name: 'extra_data', type: 'jsonb' })
  extras!: unknown
}

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase(newestMajor(), {
    sql: `create table rows (id serial primary key, visits int4, cents int4, ratio float8, code char(4), day date, extras text,
      visits_big int8, amount numeric(12, 2), ratio_exact numeric, code_text text, day_at timestamptz, extra_data jsonb);
      alter table rows drop visits, drop cents, drop ratio, drop code, drop day, drop extras`,
  })
})

afterAll(() => database.drop())

it('a property keeps what it is until the annotation goes, and is then what its new type is', async () => {
  const options = { type: 'postgres' as const, url: database.url }
  const annotated = await new MigratingDataSource({ ...options, entities: [Annotated] }).initialize()
  const plain = await new DataSource({ ...options, entities: [Plain] }).initialize()
  try {
    const row = { visits: 7, cents: 1250, ratio: 0.5, code: 'ab', day: '2024-02-29', extras: { a: 1 } }
    await annotated.manager.save(Annotated, { ...row })
    expect(await annotated.manager.findOneBy(Annotated, { visits: 7 })).toEqual({ ...row, id: 1, code: 'ab  ' })
    expect(await plain.manager.findOneBy(Plain, { visits: '7' })).toEqual({
      id: 1,
      visits: '7',
      visitsAsNumber: 7,
      amount: '12.50',
      ratio: '0.5',
      code: 'ab',
      day: new Date('2024-02-29T00:00:00Z'),
      extras: { a: 1 },
    })
  } finally {
    await annotated.destroy()
    await plain.destroy()
  }
})
