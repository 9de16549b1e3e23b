import { type Step, step } from './step.ts'

export const TRANSACTIONS: readonly Step[] = [
  step('a transaction that is kept', ({ source, entities: { Customer } }) =>
    source.transaction(async (manager) => {
      await manager.update(Customer, { code: 'cy' }, { name: 'Cyrus' })
      return manager.findBy(Customer, { name: 'Cyrus' })
    }),
  ),
  step('a transaction that is undone', async ({ source, entities: { Customer } }) => {
    const undone = source.transaction('SERIALIZABLE', async (manager) => {
      await manager.insert(Customer, { email: 'kim@example.org', name: 'Kim', code: 'kim' })
      throw new Error(`undone after ${await manager.countBy(Customer, { name: 'Kim' })}`)
    })
    return [
      await undone.catch((error: Error) => error.message),
      await source.manager.countBy(Customer, { code: 'kim' }),
    ]
  }),
  step('savepoints', ({ source, entities: { Customer } }) =>
    source.transaction(async (manager) => {
      await manager.update(Customer, { code: 'di' }, { name: 'Diana' })
      const inner = manager.transaction(async (nested) => {
        await nested.update(Customer, { code: 'di' }, { name: 'undone' })
        throw new Error('inner')
      })
      return [
        await inner.catch((error: Error) => error.message),
        await manager.findOneByOrFail(Customer, { code: 'di' }),
      ]
    }),
  ),
  step('a query runner', async ({ source, entities: { Customer }, column }) => {
    const runner = source.createQueryRunner()
    try {
      await runner.startTransaction('REPEATABLE READ')
      await runner.manager.increment(Customer, { code: 'cy' }, 'visits', 1)
      const rows = await runner.query(`SELECT ${column('visits')} FROM "customers" WHERE ${column('name')} = $1`, [
        'Cyrus',
      ])
      await runner.commitTransaction()
      return rows
    } finally {
      await runner.release()
    }
  }),
  step('an error inside of a transaction', async ({ source, entities: { Customer } }) => {
    const failed = source.transaction(async (manager) => {
      await manager.insert(Customer, { email: 'lea@example.org', name: 'Lea', code: 'lea' })
      await manager.insert(Customer, { email: 'lea2@example.org', name: 'Lea', code: 'lea' })
    })
    return [
      await failed.catch((error: Error) => error.message),
      await source.manager.countBy(Customer, { code: 'lea' }),
    ]
  }),
]
