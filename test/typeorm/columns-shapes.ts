import type { MigratingColumn } from '@expand-contract/typeorm'
import { Column, type DataSource, Entity, IsNull, Like, Not, PrimaryGeneratedColumn } from 'typeorm'

// As the README says how to split and merge, in entities of either side.

const FIRST = (name: string) =>
  `case when strpos(${name}, ' ') > 0 then left(${name}, strpos(${name}, ' ') - 1) else ${name} end`
const LAST = (name: string) => `case when strpos(${name}, ' ') > 0 then substr(${name}, strpos(${name}, ' ') + 1) end`
const NAME = (first: string, last: string) =>
  `case when ${last} is null then ${first} else ${first} || ' ' || ${last} end`

/** Entities of one table, as they are before anything is declared, or with it, and what is done with them. */
export interface ColumnsShape {
  readonly columns: Readonly<Record<'old' | 'new', string>>
  readonly app: 'old' | 'new'
  readonly inStep: string
  entity(declare: typeof MigratingColumn): new () => Row
  readonly steps: readonly ((source: DataSource, rows: new () => Row) => Promise<unknown>)[]
}

interface Row {
  id: number
  age: number | null
}

const PEOPLE = { old: 'name text', new: 'first_name text, last_name text' }
const PEOPLE_IN_STEP = `first_name is not distinct from ${FIRST('name')} and last_name is not distinct from ${LAST('name')}`

export const COLUMNS_SHAPES: Readonly<Record<string, ColumnsShape>> = {
  'a split, entity of the old side': {
    columns: PEOPLE,
    app: 'old',
    inStep: PEOPLE_IN_STEP,
    entity(declare) {
      @Entity('rows')
      class Person implements Row {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'rows_pkey' })
        id!: number

        @Column({ type: 'text', nullable: true })
        @declare({
          to: [
            { name: 'first_name', type: 'text' },
            { name: 'last_name', type: 'text' },
          ],
          forward: { first_name: FIRST, last_name: LAST },
          backward: NAME,
          flag: 'flag',
          id: 'migration',
        })
        name!: string | null

        @Column({ type: 'int', nullable: true })
        age!: number | null
      }
      return Person
    },
    steps: [
      (source, Person) =>
        source.manager.save(Person, [
          { name: 'Ada Lovelace', age: 1 },
          { name: 'Cher' },
          { name: '' },
          { name: ' ' },
          { name: null },
        ]),
      (source, Person) => source.manager.insert(Person, { name: 'Gabriel García Márquez', age: 7 } as Partial<Row>),
      (source, Person) => source.manager.find(Person, { order: { name: 'DESC', id: 'ASC' } as never }),
      (source, Person) => source.manager.findBy(Person, { name: Like('% %') } as never),
      (source, Person) => source.manager.findBy(Person, { name: Not(IsNull()), age: IsNull() } as never),
      (source, Person) =>
        source
          .createQueryBuilder()
          .update(Person)
          .set({ name: () => `"name" || ' Jr'` } as never)
          .where({ age: 1 })
          .returning('*')
          .execute(),
      (source, Person) => source.manager.update(Person, { name: 'Cher' } as never, { name: 'Cher Bono' } as never),
      (source, Person) =>
        source
          .createQueryBuilder(Person, 'p')
          .select('upper(p.name)', 'loud')
          .addSelect('count(*)::int', 'n')
          .groupBy('upper(p.name)')
          .orderBy('loud')
          .getRawMany(),
      async (source, Person) => source.manager.save(await source.manager.findOneByOrFail(Person, { id: 1 })),
      (source, Person) =>
        source.manager.upsert(
          Person,
          [
            { id: 1, name: 'Ada King' },
            { id: 90, name: 'New One' },
          ] as never,
          ['id'],
        ),
      (source, Person) => source.manager.delete(Person, { name: ' ' } as never),
      (source, Person) => source.manager.find(Person, { order: { id: 'ASC' } }),
    ],
  },
  'a split, entity of the new side': {
    columns: PEOPLE,
    app: 'new',
    inStep: PEOPLE_IN_STEP,
    entity(declare) {
      @Entity('rows')
      class Person implements Row {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'rows_pkey' })
        id!: number

        @Column({ name: 'first_name', type: 'text', nullable: true })
        @declare({
          from: { name: 'name', type: 'text' },
          with: ['lastName'],
          forward: { firstName: FIRST, lastName: LAST },
          backward: NAME,
          flag: 'flag',
          id: 'migration',
        })
        firstName!: string | null

        @Column({ name: 'last_name', type: 'text', nullable: true })
        lastName!: string | null

        @Column({ type: 'int', nullable: true })
        age!: number | null
      }
      return Person
    },
    steps: [
      (source, Person) =>
        source.manager.save(Person, [
          { firstName: 'Ada', lastName: 'Lovelace', age: 1 },
          { firstName: 'Cher' },
          { firstName: 'Gabriel', lastName: 'García Márquez' },
          { firstName: '', lastName: '' },
          { firstName: null, lastName: null },
        ]),
      (source, Person) =>
        source.manager.insert(Person, { firstName: 'Grace', lastName: 'Hopper', age: 7 } as Partial<Row>),
      (source, Person) =>
        source.manager.find(Person, { order: { lastName: { direction: 'ASC', nulls: 'LAST' }, id: 'ASC' } as never }),
      (source, Person) => source.manager.findBy(Person, { lastName: Like('%a%') } as never),
      (source, Person) => source.manager.findBy(Person, { firstName: Not(IsNull()), lastName: IsNull() } as never),
      (source, Person) =>
        source
          .createQueryBuilder()
          .update(Person)
          .set({ lastName: () => `"first_name" || '-' || "last_name"` } as never)
          .where({ age: 1 })
          .returning('*')
          .execute(),
      (source, Person) => source.manager.update(Person, { firstName: 'Cher' } as never, { lastName: 'Bono' } as never),
      (source, Person) =>
        source.manager.update(Person, { firstName: 'Grace' } as never, { firstName: 'Amazing' } as never),
      (source, Person) =>
        source.manager.update(
          Person,
          { firstName: 'Gabriel' } as never,
          { firstName: 'Gabo', lastName: null } as never,
        ),
      (source, Person) =>
        source
          .createQueryBuilder(Person, 'p')
          .select('p.firstName', 'first')
          .addSelect('count(p.lastName)::int', 'n')
          .groupBy('p.firstName')
          .orderBy('p.firstName')
          .getRawMany(),
      async (source, Person) => source.manager.save(await source.manager.findOneByOrFail(Person, { id: 1 })),
      (source, Person) =>
        source.manager.find(Person, { select: { id: true, lastName: true } as never, order: { id: 'ASC' } }),
      (source, Person) =>
        source.manager.upsert(
          Person,
          [
            { id: 1, firstName: 'Ada', lastName: 'King' },
            { id: 90, firstName: 'New', lastName: 'One' },
          ] as never,
          ['id'],
        ),
      (source) => source.query('update rows set last_name = $1 where first_name = $2 returning *', ['Person', 'New']),
      (source, Person) => source.manager.delete(Person, { lastName: '' } as never),
      (source, Person) => source.manager.find(Person, { order: { id: 'ASC' } }),
    ],
  },
  'a merge, entity of the old side': {
    columns: { old: 'latitude float8, longitude float8', new: 'coordinates float8[]' },
    app: 'old',
    inStep: 'coordinates is not distinct from array[latitude, longitude]',
    entity(declare) {
      @Entity('rows')
      class Place implements Row {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'rows_pkey' })
        id!: number

        @Column({ type: 'float8', nullable: true })
        @declare({
          with: ['longitude'],
          to: { name: 'coordinates', type: 'float8', array: true },
          forward: 'array[latitude, longitude]',
          backward: { latitude: 'coordinates[1]', longitude: 'coordinates[2]' },
          flag: 'flag',
          id: 'migration',
        })
        latitude!: number | null

        @Column({ type: 'float8', nullable: true })
        longitude!: number | null

        @Column({ type: 'int', nullable: true })
        age!: number | null
      }
      return Place
    },
    steps: [
      (source, Place) =>
        source.manager.save(Place, [{ latitude: 1.5, longitude: -2, age: 1 }, { latitude: 3 }, {}] as never),
      (source, Place) => source.manager.update(Place, { latitude: 3 } as never, { longitude: 4 } as never),
      (source, Place) =>
        source
          .createQueryBuilder()
          .update(Place)
          .set({ latitude: () => '"longitude" * 2' } as never)
          .where({ age: 1 })
          .returning(['latitude', 'longitude'])
          .execute(),
      (source, Place) => source.manager.increment(Place, { age: 1 }, 'longitude', 1),
      (source, Place) => source.manager.find(Place, { order: { longitude: 'DESC', id: 'ASC' } as never }),
      (source, Place) => source.createQueryBuilder(Place, 'p').where('p.latitude < p.longitude').getMany(),
      async (source, Place) => source.manager.save(await source.manager.findOneByOrFail(Place, { id: 1 })),
      (source, Place) => source.manager.delete(Place, { latitude: IsNull() } as never),
      (source, Place) => source.manager.find(Place, { order: { id: 'ASC' } }),
    ],
  },
  'a merge, entity of the new side': {
    columns: { old: 'latitude float8, longitude float8', new: 'coordinates float8[]' },
    app: 'new',
    inStep: 'coordinates is not distinct from array[latitude, longitude]',
    entity(declare) {
      @Entity('rows')
      class Place implements Row {
        @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'rows_pkey' })
        id!: number

        @Column({ type: 'float8', array: true, nullable: true })
        @declare({
          from: [
            { name: 'latitude', type: 'float8' },
            { name: 'longitude', type: 'float8' },
          ],
          forward: (latitude, longitude) => `array[${latitude}, ${longitude}]`,
          backward: { latitude: 'coordinates[1]', longitude: 'coordinates[2]' },
          flag: 'flag',
          id: 'migration',
        })
        coordinates!: readonly number[]

        @Column({ type: 'int', nullable: true })
        age!: number | null
      }
      return Place
    },
    steps: [
      (source, Place) =>
        source.manager.save(Place, [{ coordinates: [1.5, -2], age: 1 }, { coordinates: [3, 4] }] as never),
      (source, Place) => source.manager.update(Place, { age: 1 }, { coordinates: [5, 6] } as never),
      (source, Place) =>
        source
          .createQueryBuilder()
          .update(Place)
          .set({ coordinates: () => 'array["coordinates"[2], 0]' } as never)
          .where({ age: 1 })
          .returning('*')
          .execute(),
      (source, Place) =>
        source.createQueryBuilder(Place, 'p').where('p.coordinates[1] > :least', { least: 3 }).getMany(),
      (source, Place) => source.manager.find(Place, { order: { coordinates: 'DESC' } as never }),
      async (source, Place) => source.manager.save(await source.manager.findOneByOrFail(Place, { id: 1 })),
      (source, Place) => source.manager.find(Place, { order: { id: 'ASC' } }),
    ],
  },
}
