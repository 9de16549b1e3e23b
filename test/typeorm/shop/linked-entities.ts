import {
  Column,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  RelationId,
} from 'typeorm'

interface Linked {
  readonly id?: number
  readonly code: string
}

interface Sent {
  readonly reference: string
  readonly contents?: string
}

/** Entities that refer to others by columns of those that migrate: a unique one, and a key. */
export function linkedEntities() {
  @Entity('vouchers')
  class Voucher {
    @PrimaryGeneratedColumn()
    id!: number

    @Column({ type: 'int' })
    cents!: number

    @ManyToOne('customers', { nullable: true, createForeignKeyConstraints: false, cascade: ['insert', 'update'] })
    @JoinColumn({ name: 'customer_code', referencedColumnName: 'code' })
    customer?: Linked | null

    @RelationId((voucher: Voucher) => voucher.customer)
    customerCode?: string | null
  }

  @Entity('stickers')
  class Sticker {
    @PrimaryColumn({ type: 'int', primaryKeyConstraintName: 'stickers_pkey' })
    number!: number

    @ManyToMany('parcels', { createForeignKeyConstraints: false })
    // A name of its own: TypeORM would make one of the name of the key, which is another on the other side.
    @JoinTable({ name: 'parcel_stickers', inverseJoinColumn: { name: 'parcel', referencedColumnName: 'reference' } })
    parcels!: Sent[]
  }

  /** Its own key is the one that migrates, of another table. */
  @Entity('receipts')
  class Receipt {
    @PrimaryColumn({ type: 'text', name: 'parcel', primaryKeyConstraintName: 'receipts_pkey' })
    reference!: string

    @OneToOne('parcels', { createForeignKeyConstraints: false })
    @JoinColumn({ name: 'parcel' })
    parcel?: Sent

    @Column({ type: 'text' })
    signed!: string
  }

  return { Voucher, Sticker, Receipt }
}
