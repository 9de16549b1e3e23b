import { failingStep, type Step, step } from './step.ts'

const ada = {
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  visits: 3,
  balance: 1050,
  status: 'active',
  labels: ['first', 'math'],
  profile: { born: 1815, tags: ['x'] },
  secret: 'engine',
  code: 'ada',
  home: { zip: 'W1', city: 'London' },
}

export const REPOSITORY_WRITES: readonly Step[] = [
  step('save a new object, all columns given', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).save({ ...ada }),
  ),
  step('save a new instance, with defaults', async ({ source, entities: { Customer } }) => {
    const customer = source.getRepository(Customer).create({ email: 'bob@example.org', name: "Bob 'B' Ü", code: 'BOB' })
    await source.manager.save(customer)
    return customer
  }),
  step('save several at once', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).save([
      { email: 'cy@example.org', name: 'Cy', code: 'cy', visits: 7, balance: 250, labels: [], status: 'blocked' },
      { email: 'di@example.org', name: 'Di', code: 'di', visits: 1, balance: -1, profile: {}, secret: '' },
      { email: 'ed@example.org', name: 'Ed', code: 'ed', balance: null, profile: null, labels: null, secret: null },
    ]),
  ),
  step('save with relations and cascades', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).save({
      email: 'flo@example.org',
      name: 'Flo',
      code: 'flo',
      orders: [
        {
          title: 'first order',
          lines: [
            { product: 'pen', quantity: 2 },
            { product: 'ink', quantity: 1 },
          ],
        },
        { title: 'second order', lines: [{ product: 'cup', quantity: 5 }] },
      ],
      referrer: { id: 1 },
    }),
  ),
  step('save many-to-many', async ({ source, entities: { Customer, Group } }) => {
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
    const groups = await source.getRepository(Group).save([
      { id: id(1), title: 'readers' },
      { id: id(2), title: 'writers' },
    ])
    const customers = await source.getRepository(Customer).find({ where: [{ id: 1 }, { id: 2 }], order: { id: 'ASC' } })
    for (const customer of customers) customer.groups = groups
    return source.getRepository(Customer).save(customers)
  }),
  step('save a loaded entity with one change', async ({ source, entities: { Customer } }) => {
    const customer = await source.getRepository(Customer).findOneByOrFail({ id: 1 })
    customer.name = 'Ada King'
    customer.balance = 2099
    return source.getRepository(Customer).save(customer)
  }),
  step('save a loaded entity with no change sends no UPDATE', async ({ source, entities: { Customer } }) => {
    const customers = await source.getRepository(Customer).find({ order: { id: 'ASC' } })
    return source.getRepository(Customer).save(customers)
  }),
  step('save a partial object', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).save({ id: 2, visits: 9, home: { zip: '1010' } }),
  ),
  step('save with changed relations removes orphans', async ({ source, entities: { Order } }) => {
    const order = await source.getRepository(Order).findOneOrFail({ where: { title: 'first order' } })
    order.title = 'first order, changed'
    order.lines = order.lines.filter((line) => line.product === 'pen')
    return source.getRepository(Order).save(order)
  }),
  step('insert', ({ source, entities: { Customer } }) =>
    source
      .getRepository(Customer)
      .insert({ email: 'gus@example.org', name: 'Gus', code: 'gus', visits: () => '1 + 1' }),
  ),
  step('insert many', ({ source, entities: { Line } }) =>
    source.getRepository(Line).insert([
      { product: 'mug', quantity: 10, order: { id: 1 } },
      { product: 'jar', quantity: 20, order: { id: 2 } },
    ]),
  ),
  step('update by criteria', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).update({ name: 'Gus' }, { name: 'Gustav', status: 'blocked', labels: ['late'] }),
  ),
  step('update by id with null and function', ({ source, entities: { Customer } }) =>
    source
      .getRepository(Customer)
      .update(3, { balance: null, profile: { a: [1, { b: null }] }, visits: () => '40 + 2' }),
  ),
  step('update of nobody', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).update({ code: 'nobody' }, { name: 'Nobody' }),
  ),
  step('upsert by a column that stays', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).upsert(
      [
        { email: 'ada@example.org', name: 'Ada again', code: 'ada', balance: 100 },
        { email: 'hal@example.org', name: 'Hal', code: 'hal' },
      ],
      ['email'],
    ),
  ),
  step('upsert by a migrating column, unchanged rows skipped', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).upsert(
      [
        { email: 'hal@example.org', name: 'Hal 2', code: 'hal' },
        { email: 'ada@example.org', name: 'Ada again', code: 'ada' },
      ],
      { conflictPaths: ['code'], skipUpdateIfNoValuesChanged: true },
    ),
  ),
  step('increment and decrement', async ({ source, entities: { Customer } }) => [
    await source.getRepository(Customer).increment({ code: 'ada' }, 'visits', 5),
    await source.getRepository(Customer).decrement({ id: 1 }, 'balance', 50),
  ]),
  step('soft delete, and finding without and with deleted', async ({ source, entities: { Customer } }) => [
    await source.getRepository(Customer).softDelete({ name: 'Di' }),
    await source.getRepository(Customer).countBy({ code: 'di' }),
    await source.getRepository(Customer).find({ where: { code: 'di' }, withDeleted: true }),
  ]),
  step('restore', async ({ source, entities: { Customer } }) => [
    await source.getRepository(Customer).restore({ name: 'Di' }),
    await source.getRepository(Customer).countBy({ code: 'di' }),
  ]),
  step('soft remove and recover', async ({ source, entities: { Customer } }) => {
    const customer = await source.getRepository(Customer).findOneByOrFail({ code: 'hal' })
    return [await source.manager.softRemove(customer), await source.manager.recover(customer)]
  }),
  step('remove', async ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).remove(await source.getRepository(Customer).findBy({ code: 'hal' })),
  ),
  step('delete by criteria', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).delete({ name: 'Gustav' }),
  ),
  failingStep('a unique violation', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).insert({ email: 'new@example.org', name: 'New', code: 'ada' }),
  ),
  failingStep('a NOT NULL violation', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).insert({ email: 'nul@example.org', code: 'nul' }),
  ),
  failingStep('a value that the type does not take', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).update({ id: 1 }, { visits: 'many' as never }),
  ),
  step('single-table inheritance', async ({ source, entities: { CardPayment, CashPayment, Payment } }) => {
    const [card, cash] = [source.getRepository(CardPayment), source.getRepository(CashPayment)]
    await card.save({ amount: 1999, lastFour: '4242', order: { id: 1 } })
    await cash.save([{ amount: 500, drawer: 'left' }, { amount: 700 }])
    await card.update({ lastFour: '4242' }, { amount: 2000 })
    return [
      await source.getRepository(Payment).find({ order: { id: 'ASC' } }),
      await card.find(),
      await cash.sum('amount'),
    ]
  }),
  step('reload after write', async ({ source, entities: { Customer } }) => {
    const customer = await source.getRepository(Customer).findOneByOrFail({ id: 1 })
    await source.getRepository(Customer).update(1, { name: 'Ada Lovelace' })
    await source.getRepository(Customer).preload({ id: 1, code: 'ada' })
    return source.getRepository(Customer).findOneByOrFail({ id: customer.id })
  }),
]
