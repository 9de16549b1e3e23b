import {
  BeforeInsert,
  ChildEntity,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryGeneratedColumn,
  RelationId,
  TableInheritance,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm'
import { field, type ShopShape } from './fields.ts'
import { linkedEntities } from './linked-entities.ts'
import { specialEntities } from './special-entities.ts'
import { treeEntities } from './tree-entities.ts'

/** The entities of one shop. The twin has the same ones, made without a declaration. */
export function shopEntities(shape: ShopShape) {
  class Address {
    @field(shape, 'zip')
    zip?: string | null

    @Column({ type: 'text', nullable: true })
    city?: string | null
  }

  @Entity('customers')
  @Unique(shape.app === 'old' ? 'customers_code_key' : 'customers_code_text_key', ['code'])
  class Customer {
    @PrimaryGeneratedColumn()
    id!: number

    @Column({ type: 'text', unique: true })
    email!: string

    @field(shape, 'name')
    name!: string

    @field(shape, 'visits')
    visits!: number

    @field(shape, 'balance')
    balance?: number | null

    @field(shape, 'status')
    status!: string

    @field(shape, 'labels')
    labels?: string[] | null

    @field(shape, 'profile')
    profile?: Record<string, unknown> | null

    @field(shape, 'secret')
    secret?: string | null

    @field(shape, 'code')
    code!: string

    @Column(() => Address)
    home!: Address

    @Column({ type: 'text', select: false, nullable: true })
    hidden?: string

    @VersionColumn()
    version!: number

    @CreateDateColumn()
    created!: Date

    @UpdateDateColumn()
    updated!: Date

    @DeleteDateColumn()
    deleted?: Date | null

    @OneToMany('orders', 'customer', { cascade: true })
    orders!: Order[]

    @OneToMany('notes', 'customer', { lazy: true, cascade: true })
    notes!: Promise<Note[]> | Note[]

    @ManyToMany('groups', 'members', { cascade: ['insert'] })
    @JoinTable({ name: 'memberships' })
    groups!: Group[]

    @ManyToOne('customers', { nullable: true })
    @JoinColumn({ name: 'referrer_id' })
    referrer?: Customer | null

    @RelationId((customer: Customer) => customer.referrer)
    referrerId?: number

    @BeforeInsert()
    normalise(): void {
      this.code = this.code.toLowerCase()
    }
  }

  @Entity('orders')
  class Order {
    @PrimaryGeneratedColumn()
    id!: number

    @field(shape, 'title')
    title!: string

    @ManyToOne('customers', 'orders', { onDelete: 'CASCADE' })
    customer!: Customer

    @OneToMany('lines', 'order', { cascade: true, eager: true })
    lines!: Line[]
  }

  @Entity('lines')
  class Line {
    @PrimaryGeneratedColumn()
    id!: number

    @Column({ type: 'text' })
    product!: string

    @field(shape, 'quantity')
    quantity!: number

    @ManyToOne('orders', 'lines', { onDelete: 'CASCADE', orphanedRowAction: 'delete' })
    order!: Order
  }

  @Entity('notes')
  class Note {
    @PrimaryGeneratedColumn()
    id!: number

    @Column({ type: 'text' })
    body!: string

    @ManyToOne('customers', 'notes', { onDelete: 'CASCADE' })
    customer!: Customer
  }

  @Entity('groups')
  class Group {
    @PrimaryGeneratedColumn('uuid')
    id!: string

    @field(shape, 'title')
    title!: string

    @ManyToMany('customers', 'groups')
    members!: Customer[]
  }

  @Entity('payments')
  @TableInheritance({ column: { type: 'varchar', name: 'kind' } })
  class Payment {
    @PrimaryGeneratedColumn()
    id!: number

    @field(shape, 'amount')
    amount!: number

    @OneToOne('orders', { nullable: true })
    @JoinColumn()
    order?: Order | null
  }

  @ChildEntity('card')
  class CardPayment extends Payment {
    @field(shape, 'lastFour')
    lastFour?: string | null
  }

  @ChildEntity('cash')
  class CashPayment extends Payment {
    @Column({ type: 'text', nullable: true })
    drawer?: string | null
  }

  /** Its primary key migrates. */
  @Entity('parcels')
  class Parcel {
    @field(shape, 'reference')
    reference!: string

    @Column({ type: 'text' })
    contents!: string
  }

  return {
    Customer,
    Order,
    Line,
    Note,
    Group,
    Payment,
    CardPayment,
    CashPayment,
    Parcel,
    ...treeEntities(shape),
    ...linkedEntities(),
    ...specialEntities(shape),
  }
}

export type ShopEntities = ReturnType<typeof shopEntities>
