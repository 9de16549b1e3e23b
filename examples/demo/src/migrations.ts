import { changeColumnType, renameColumn } from '@expand-contract/core'

/** `customers.name` is to be called `full_name`. */
const fullName = renameColumn({
  table: 'customers',
  from: 'name',
  to: 'full_name',
  flag: 'customers-read-full-name',
})

/** `orders.quantity` is to hold more than an int4 can. */
const quantityBig = changeColumnType({
  table: 'orders',
  from: 'quantity',
  fromType: 'int4',
  to: 'quantity_big',
  type: 'int8',
  flag: 'orders-read-quantity-big',
})

export const migrations = [fullName, quantityBig] as const

export const flags = ['customers-read-full-name', 'orders-read-quantity-big'] as const
