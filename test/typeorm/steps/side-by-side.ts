import { type Step, sideBySide, step } from './step.ts'

/** Statements that are sent without waiting for each other, and what is called while others run. */
export const SIDE_BY_SIDE: readonly Step[] = [
  sideBySide('side by side: on the pool', async ({ source, entities: { Customer, Order } }) => {
    const [customers, orders] = [source.getRepository(Customer), source.getRepository(Order)]
    const found = await Promise.all([
      customers.find({ order: { name: 'ASC' } }),
      orders.find({ order: { title: 'ASC', lines: { id: 'ASC' } } }),
      customers.countBy({ status: 'active' }),
      customers.findOneBy({ code: 'cy' }),
      customers.findAndCount({ take: 1, order: { id: 'ASC' } }),
    ])
    return found
  }),
  sideBySide('side by side: in one transaction', ({ source, entities: { Customer, Line } }) =>
    source.transaction(async (manager) => {
      const written = await Promise.all([
        manager.update(Customer, { code: 'di' }, { visits: 11 }),
        manager.insert(Line, { product: 'side', quantity: 1 }),
        manager.increment(Customer, { code: 'di' }, 'visits', 1),
        manager.findOneByOrFail(Customer, { code: 'di' }),
        manager.query('SELECT 1 AS one'),
        manager.delete(Line, { product: 'side' }),
      ])
      return [written, await manager.findOneByOrFail(Customer, { code: 'di' })]
    }),
  ),
  step('side by side: one of them fails in a transaction', async ({ source, entities: { Customer } }) => {
    const failed = source.transaction(async (manager) => {
      const all = await Promise.allSettled([
        manager.update(Customer, { code: 'di' }, { name: 'Never' }),
        manager.query('SELECT no_such_column FROM customers'),
        manager.find(Customer),
      ])
      for (const { status } of all) if (status === 'rejected') throw new Error(all.map((each) => each.status).join())
    })
    return [
      await failed.catch((error: Error) => error.message),
      await source.manager.findOneByOrFail(Customer, { code: 'di' }),
    ]
  }),
  sideBySide('side by side: two transactions, one of which waits', async ({ source, entities: { Customer } }) => {
    const change = (visits: number) =>
      source.transaction(async (manager) => {
        const customer = await manager.findOneOrFail(Customer, {
          where: { code: 'di' },
          lock: { mode: 'pessimistic_write' },
        })
        customer.visits = Number(customer.visits) + visits
        await manager.save(customer, { listeners: false })
      })
    await Promise.all([change(100), change(100)])
    const { visits } = await source.manager.findOneByOrFail(Customer, { code: 'di' })
    await source.manager.update(Customer, { code: 'di' }, { visits: 12 })
    return visits
  }),
  step('side by side: a subscriber that writes and reads', async ({ source, entities: { Customer, Note } }) => {
    const told: unknown[] = []
    const listener = {
      listenTo: () => Customer,
      async afterUpdate({
        manager,
        databaseEntity,
        entity,
      }: {
        manager: typeof source.manager
        databaseEntity: { name: string }
        entity?: { name?: string; id?: number }
      }) {
        told.push([databaseEntity.name, entity?.name])
        await manager.insert(Note, { body: `${databaseEntity.name} became ${entity?.name}`, customer: { id: 4 } })
        told.push(await manager.findOneBy(Customer, { code: 'di' }))
      },
      beforeTransactionCommit: () => void told.push('commit'),
      afterTransactionRollback: () => void told.push('rolled back'),
    }
    source.subscribers.push(listener as never)
    try {
      const customer = await source.manager.findOneByOrFail(Customer, { code: 'di' })
      customer.name = 'Diana Prince'
      await source.manager.save(customer)
      customer.code = 'cy'
      told.push(await source.manager.save(customer).catch((error: Error) => error.name))
    } finally {
      source.subscribers.splice(source.subscribers.indexOf(listener as never), 1)
    }
    return [told, await source.manager.find(Note, { order: { id: 'ASC' } })]
  }),
  step('side by side: isolation levels and read-only transactions', async ({ source, entities: { Customer } }) => {
    const levels = ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const
    const found: unknown[] = []
    for (const level of levels)
      found.push(await source.transaction(level, (manager) => manager.countBy(Customer, { status: 'active' })))
    const refused = source.transaction(async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY')
      found.push(await manager.findOneBy(Customer, { code: 'cy' }))
      await manager.update(Customer, { code: 'cy' }, { name: 'Never' })
    })
    return [found, await refused.catch(({ code, message }) => [code, message])]
  }),
]
