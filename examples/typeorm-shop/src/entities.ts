import { MigratingColumn } from '@expand-contract/typeorm'
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn } from 'typeorm'

@Entity('customers')
export class Customer {
  @PrimaryGeneratedColumn()
  id!: number

  @Column({ type: 'text', unique: true })
  email!: string

  @Column({ type: 'varchar', length: 100 })
  @MigratingColumn({ to: { name: 'full_name', type: 'text' }, flag: 'customers-read-full-name' })
  name!: string

  @OneToMany('orders', 'customer', { cascade: true })
  orders!: Order[]
}

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn()
  id!: number

  @ManyToOne('customers', 'orders', { nullable: false })
  customer!: Customer

  @OneToMany('order_lines', 'order', { cascade: true, eager: true })
  lines!: OrderLine[]
}

@Entity('order_lines')
export class OrderLine {
  @PrimaryGeneratedColumn()
  id!: number

  @ManyToOne('orders', 'lines', { nullable: false, onDelete: 'CASCADE' })
  order!: Order

  @Column({ type: 'text' })
  product!: string

  @Column({ type: 'int' })
  cents!: number
}
