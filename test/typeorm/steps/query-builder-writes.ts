import { type Step, step } from './step.ts'

export const QUERY_BUILDER_WRITES: readonly Step[] = [
  step('insert with returning', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .insert()
      .into(Customer)
      .values([
        { email: 'ida@example.org', name: 'Ida', code: 'ida', balance: () => '10 * 10' },
        { email: 'joe@example.org', name: () => "'Jo' || 'e'", code: 'joe', visits: 4 },
      ])
      .returning(['id', 'name', 'balance', 'visits'])
      .execute(),
  ),
  step('insert, on conflict do nothing', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .insert()
      .into(Customer)
      .values({ email: 'ida@example.org', name: 'Ida 2', code: 'ida' })
      .orIgnore()
      .execute(),
  ),
  step('insert, on conflict update', ({ source, entities: { Customer }, column }) =>
    source
      .createQueryBuilder()
      .insert()
      .into(Customer)
      .values({ email: 'ida@example.org', name: 'Ida 3', code: 'ida', visits: 30 })
      .orUpdate([column('name').slice(1, -1), column('visits').slice(1, -1)], ['email'], {
        skipUpdateIfNoValuesChanged: true,
      })
      .returning('*')
      .execute(),
  ),
  step('insert of a selection', ({ source, entities: { Line }, column }) =>
    source
      .query(
        `INSERT INTO "lines" ("product", ${column('quantity')}, "orderId") SELECT upper("product"), ${column('quantity')} * 2, "orderId" FROM "lines" WHERE "product" = $1 RETURNING *`,
        ['pen'],
      )
      .then(async (rows) => [rows, await source.getRepository(Line).countBy({ product: 'PEN' })]),
  ),
  step('update with functions', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .update(Customer)
      .set({ name: () => 'upper("email")', visits: () => 'length("email")' })
      .where('code = :code', { code: 'joe' })
      .execute(),
  ),
  step('update from its own columns', ({ source, entities: { Customer }, column }) =>
    source
      .createQueryBuilder()
      .update(Customer)
      .set({ name: () => `${column('name')} || ' jr'`, balance: () => `coalesce(${column('balance')}, 0) + 1` })
      .where(`${column('visits')} > :least`, { least: 3 })
      .execute(),
  ),
  step('update with returning', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .update(Customer)
      .set({ status: 'gone', profile: { gone: true } })
      .where('email = :email', { email: 'joe@example.org' })
      .returning(['id', 'name', 'status', 'profile'])
      .execute(),
  ),
  step('update whose condition is a sub-query', ({ source, entities: { Customer, Order }, column }) => {
    const flo = source.createQueryBuilder(Customer, 'c').select('c.id').where("c.name LIKE 'Flo%'")
    return source
      .createQueryBuilder()
      .update(Order)
      .set({ title: () => `${column('title')} || '!'` })
      .where(`"customerId" IN (${flo.getQuery()})`)
      .execute()
  }),
  step('update of a computed column', ({ source, entities: { Customer }, column }) =>
    source
      .createQueryBuilder()
      .update(Customer)
      .set({ balance: () => `${column('balance')} * 2` })
      .where(`${column('balance')} BETWEEN 1 AND 1000`)
      .execute(),
  ),
  step('soft delete and restore', async ({ source, entities: { Customer }, column }) => [
    await source
      .createQueryBuilder()
      .softDelete()
      .from(Customer)
      .where(`${column('name')} LIKE 'Ida%'`)
      .execute(),
    await source.createQueryBuilder(Customer, 'c').withDeleted().where("c.name LIKE 'Ida%'").getMany(),
    await source
      .createQueryBuilder()
      .restore()
      .from(Customer)
      .where(`${column('name')} LIKE 'Ida%'`)
      .execute(),
  ]),
  step('delete with returning', ({ source, entities: { Customer } }) =>
    source.createQueryBuilder().delete().from(Customer).where("email = 'joe@example.org'").returning('*').execute(),
  ),
  step('a relation set by the query builder', async ({ source, entities: { Customer } }) => {
    await source.createQueryBuilder().relation(Customer, 'referrer').of(3).set(1)
    await source.createQueryBuilder().relation(Customer, 'groups').of(3).add('00000000-0000-4000-8000-000000000001')
    return source.createQueryBuilder().relation(Customer, 'groups').of(3).loadMany()
  }),
  step('insert, on conflict on a constraint', async ({ source, entities: { Customer }, app, column }) => {
    const overwritten = [column('name'), column('visits')].map((name) => name.slice(1, -1))
    const insert = (constraint: string, values: object) =>
      source.createQueryBuilder().insert().into(Customer).values(values).orUpdate(overwritten, constraint).execute()
    const [{ conname: email }] = await source.query(
      `SELECT conname FROM pg_constraint WHERE conrelid = 'customers'::regclass AND contype = 'u' AND pg_get_constraintdef(oid) = 'UNIQUE (email)'`,
    )
    return [
      await insert(app === 'old' ? 'customers_code_key' : 'customers_code_text_key', {
        email: 'other@example.org',
        name: 'By code',
        code: 'di',
        visits: 13,
      }),
      await insert(email, { email: 'di@example.org', name: 'Diana', code: 'other', visits: 12 }),
      await source.manager.findOneBy(Customer, { code: 'di' }),
    ]
  }),
]
