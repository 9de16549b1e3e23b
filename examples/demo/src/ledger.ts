import { CUSTOMERS, customerName, ORDERS, orderQuantity } from './shop.ts'

/** What rows have to be, as entries that pass from process to process. */
export interface Written {
  /** The name of a customer by the number in the email address, as it was written last. */
  readonly customers: readonly (readonly [number: number, name: string])[]
  /** The sum of all that was added to the quantity of an order, by its id. */
  readonly orders: readonly (readonly [id: number, added: number])[]
}

/** Kept beside what is sent, by whoever sends it: neither the database nor the library has a part in it. */
export class Ledger {
  readonly #customers = new Map<number, string>()
  readonly #orders = new Map<number, number>()

  customer(number: number, name: string): void {
    this.#customers.set(number, name)
  }

  order(id: number, added: number): void {
    this.#orders.set(id, (this.#orders.get(id) ?? 0) + added)
  }

  /** What another one has, on top: of a transaction that was committed, or of another process. */
  include({ customers, orders }: Written): void {
    for (const [number, name] of customers) this.customer(number, name)
    for (const [id, added] of orders) this.order(id, added)
  }

  entries(): Written {
    return { customers: [...this.#customers], orders: [...this.#orders] }
  }

  /** All customers there have to be: those of the beginning too. */
  expectedCustomers(): ReadonlyMap<number, string> {
    const first = Array.from({ length: CUSTOMERS }, (_, index) => [index + 1, customerName(index + 1)] as const)
    return new Map([...first, ...this.#customers])
  }

  expectedOrders(): ReadonlyMap<number, number> {
    const first = Array.from({ length: ORDERS }, (_, index) => [index + 1, orderQuantity(index + 1)] as const)
    const expected = new Map(first)
    for (const [id, added] of this.#orders) expected.set(id, (expected.get(id) ?? 0) + added)
    return expected
  }
}
