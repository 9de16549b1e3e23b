import type { Operator } from './operator.ts'

export const NAME = 'customers.full_name'
export const QUANTITY = 'orders.quantity_big'

/** The same command for both migrations, side by side. */
export async function both(operator: Operator, line: (id: typeof NAME | typeof QUANTITY) => string): Promise<void> {
  const ended = await Promise.allSettled(([NAME, QUANTITY] as const).map((id) => operator.run(line(id))))
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}
