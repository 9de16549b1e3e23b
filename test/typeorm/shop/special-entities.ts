import {
  ChildEntity,
  Column,
  type ColumnOptions,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
  TableInheritance,
  UpdateDateColumn,
  VersionColumn,
  VirtualColumn,
} from 'typeorm'
import type { PrimaryGeneratedColumnNumericOptions } from 'typeorm/decorator/options/PrimaryGeneratedColumnNumericOptions.js'
import { FIELDS, field, type ShopShape } from './fields.ts'

/** The columns that TypeORM treats in ways of its own, migrating. */
export function specialEntities(shape: ShopShape) {
  const column = (name: keyof typeof FIELDS): string => `"${FIELDS[name][shape.app].name}"`

  /** What TypeORM itself writes. */
  @Entity('documents')
  class Document {
    @PrimaryGeneratedColumn()
    id!: number

    @field(shape, 'token')
    token!: string

    @Column({ type: 'text' })
    body!: string

    @field(shape, 'revision', VersionColumn)
    revision!: number

    @field(shape, 'madeAt', CreateDateColumn)
    madeAt!: Date

    @field(shape, 'changedAt', UpdateDateColumn)
    changedAt!: Date

    @field(shape, 'goneAt', DeleteDateColumn)
    goneAt?: Date | null
  }

  /** A part of its key migrates, so does a relation; and each of the others has an option or a type of TypeORM's own. */
  @Entity('tickets')
  class Ticket {
    @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'tickets_pkey' })
    event!: number

    @field(shape, 'seat')
    seat!: string

    @field(shape, 'perks')
    perks?: string[] | null

    @field(shape, 'extras')
    extras?: Record<string, unknown> | null

    @field(shape, 'tier')
    tier!: string

    @field(shape, 'remark')
    remark?: string | null

    @field(shape, 'origin')
    origin?: string

    @field(shape, 'serialNumber')
    serialNumber?: number | null

    @field(shape, 'soldOn')
    soldOn!: string

    @field(shape, 'buyerId', joined)
    buyer?: object | null

    @RelationId((ticket: Ticket) => ticket.buyer)
    buyerId?: number

    @VirtualColumn({
      type: 'varchar',
      query: (alias) =>
        `SELECT upper(c.${column('name')}) FROM "customers" c WHERE c."id" = ${alias}.${column('buyerId')}`,
    })
    buyerName?: string | null
  }

  /** Its key is drawn by the database, and outgrows its type. */
  @Entity('counters')
  class Counter {
    @field(shape, 'number', drawn)
    number!: number

    @Column({ type: 'text' })
    counts!: string
  }

  /** The column that tells its classes apart migrates. */
  @Entity('animals')
  @TableInheritance({ column: { name: 'species', type: 'varchar' } })
  class Animal {
    @PrimaryGeneratedColumn()
    id!: number

    @field(shape, 'species')
    species!: string

    @Column({ type: 'text' })
    called!: string
  }

  @ChildEntity('cat')
  class Cat extends Animal {
    @Column({ type: 'int', nullable: true })
    lives?: number | null
  }

  @ChildEntity('dog')
  class Dog extends Animal {
    @Column({ type: 'text', nullable: true })
    trick?: string | null
  }

  return { Document, Ticket, Counter, Animal, Cat, Dog }
}

const drawn = (options: ColumnOptions): PropertyDecorator =>
  PrimaryGeneratedColumn('increment', options as PrimaryGeneratedColumnNumericOptions)

/** A relation to a customer, by a column that is given. */
const joined = ({ name }: ColumnOptions): PropertyDecorator => {
  const relation = ManyToOne('customers', { nullable: true, createForeignKeyConstraints: false })
  const join = JoinColumn(name === undefined ? {} : { name })
  return (prototype, property) => {
    relation(prototype, property as string)
    join(prototype, property as string)
  }
}
