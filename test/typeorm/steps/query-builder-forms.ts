import { Brackets, NotBrackets } from 'typeorm'
import { failingStep, type Step, since, step } from './step.ts'

/** Forms of query builders that are used less, and no less right. */
export const QUERY_BUILDER_FORMS: readonly Step[] = [
  step('exists, and conditions in brackets', ({ source, entities: { Customer, Order } }) => {
    const ordered = source.createQueryBuilder(Order, 'o').where("o.customerId = c.id AND o.title LIKE '%order%'")
    return source
      .createQueryBuilder(Customer, 'c')
      .whereExists(ordered)
      .orWhere(new NotBrackets((not) => not.where({ name: 'Cyrus' }).orWhere('c.visits > 1')))
      .andWhere(new Brackets((also) => also.where([{ status: 'active' }, { status: 'blocked' }])))
      .andWhereInIds([1, 2, 3, 4, 5, 6, 7])
      .orderBy({ 'c.name': { order: 'DESC', nulls: 'NULLS LAST' }, 'c.id': 'ASC' })
      .getMany()
  }),
  step('joins of sub-queries and mapped joins', ({ source, entities: { Customer, Line } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .innerJoinAndMapMany('c.bought', 'c.orders', 'bought')
      .leftJoin(
        (query) =>
          query.select('l.orderId', 'of').addSelect('sum(l.quantity)', 'pieces').from(Line, 'l').groupBy('l.orderId'),
        'totals',
        'totals.of = bought.id',
      )
      .addSelect('totals.pieces', 'pieces')
      .orderBy('bought.id')
      .getRawAndEntities(),
  ),
  step('join of an entity on a migrating column', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .innerJoinAndSelect(Customer, 'peer', 'peer.status = c.status AND peer.name > c.name AND peer.visits <= c.visits')
      .select(['c.id', 'c.name', 'peer.name'])
      .orderBy('c.id')
      .addOrderBy('peer.id')
      .getRawMany(),
  ),
  step('all relation ids', ({ source, entities: { Customer } }) =>
    source.createQueryBuilder(Customer, 'c').loadAllRelationIds().where("c.name = 'Flo'").getMany(),
  ),
  step('select of a hidden column, and of everything but it', async ({ source, entities: { Customer } }) => [
    await source.createQueryBuilder(Customer, 'c').addSelect('c.hidden').where("c.code = 'cy'").getOneOrFail(),
    await source.createQueryBuilder(Customer, 'c').select('c').where("c.code = 'cy'").getRawOne(),
  ]),
  step('a common table expression that changes rows', ({ source, entities: { Customer }, column }) => {
    const change = source
      .createQueryBuilder()
      .update(Customer)
      .set({ visits: () => `${column('visits')} + 1` })
      .where("code = 'cy'")
      .returning(['id', 'visits'])
    return source
      .createQueryBuilder()
      .addCommonTableExpression(change, 'changed')
      .select('"changed".*')
      .from('changed', 'changed')
      .getRawMany()
      .catch((error: Error) => error.message)
  }),
  step('a common table expression with names of its own, in a text', ({ source, entities: { Customer }, column }) =>
    source
      .createQueryBuilder()
      .addCommonTableExpression(
        `SELECT ${column('name')}, ${column('visits')} FROM "customers" WHERE ${column('status')} = 'active'`,
        'actives',
        { columnNames: ['called', 'often'] },
      )
      .select(['c.id AS id', 'a.often AS often'])
      .from(Customer, 'c')
      .innerJoin('actives', 'a', 'a.called = c.name')
      .orderBy('c.id')
      .getRawMany(),
  ),
  step('the query cache of a query builder', async ({ source, entities: { Customer } }) => {
    const cached = () => source.createQueryBuilder(Customer, 'c').where("c.name = 'Cyrus'").cache('qb', 60_000)
    return [await cached().getMany(), await cached().getMany(), await cached().getCount()]
  }),
  step('a stream with joins', async ({ source, entities: { Customer } }) => {
    const rows: unknown[] = []
    const stream = await source
      .createQueryBuilder(Customer, 'c')
      .innerJoinAndSelect('c.orders', 'o')
      .where('c.visits >= :least', { least: 0 })
      .orderBy('o.title')
      .stream()
    for await (const row of stream) rows.push(row)
    return rows
  }),
  since(
    '1.0.0',
    step('insert of a selection by a query builder', async ({ source, entities: { Line } }) => [
      await source
        .createQueryBuilder()
        .insert()
        .into(Line, ['product', 'quantity'])
        .valuesFromSelect((query) =>
          query
            .select("l.product || ' copy'", 'product')
            .addSelect('l.quantity * 3', 'quantity')
            .from(Line, 'l')
            .where('l.quantity < :most', { most: 5 })
            .orderBy('l.id'),
        )
        .returning(['id', 'quantity'])
        .execute(),
      await source.createQueryBuilder(Line, 'l').where("l.product LIKE '% copy'").orderBy('l.id').getMany(),
    ]),
  ),
  since(
    '1.0.0',
    failingStep('insert of a selection of too many columns', ({ source, entities: { Line } }) =>
      source
        .createQueryBuilder()
        .insert()
        .into(Line, ['product', 'quantity'])
        .valuesFromSelect((query) => query.select(['l.product', 'l.quantity', 'l.id']).from(Line, 'l'))
        .execute(),
    ),
  ),
  since(
    '0.3.25',
    step('insert, on conflict update where', async ({ source, entities: { Customer }, column }) => {
      const overwritten = [column('name'), column('visits')].map((name) => name.slice(1, -1))
      const insert = (name: string, where: string) =>
        source
          .createQueryBuilder()
          .insert()
          .into(Customer)
          .values({ email: 'cy@example.org', name, code: 'cy', visits: 70 })
          .orUpdate(overwritten, ['email'], { overwriteCondition: { where, parameters: { least: 70 } } })
          .execute()
      return [
        await insert('Cy skipped', `"customers".${column('visits')} > :least`),
        await insert('Cyrus', `"customers".${column('visits')} <= EXCLUDED.${column('visits')} AND :least > 0`),
      ]
    }),
  ),
  step('update whose entity is told', async ({ source, entities: { Customer } }) => {
    const customer = await source.getRepository(Customer).findOneByOrFail({ code: 'cy' })
    const result = await source
      .createQueryBuilder()
      .update(Customer)
      .set({ visits: 8, status: 'blocked' })
      .whereEntity(customer)
      .updateEntity(true)
      .callListeners(false)
      .useTransaction(true)
      .execute()
    return [result, customer]
  }),
  step('update by ids, and what is returned as it is', async ({ source, entities: { Customer } }) => {
    const update = (ids: readonly number[]) =>
      source
        .createQueryBuilder()
        .update(Customer, { labels: ['by', 'ids'], secret: 'whisper', home: { zip: '4020' } })
        .whereInIds(ids)
    // Several rows come back in the order in which they lie in the table.
    return [await update([4]).returning('*').execute(), await update([3, 4]).execute()]
  }),
  step('delete by a sub-query', ({ source, entities: { Line, Order } }) => {
    const unordered = source.createQueryBuilder(Order, 'o').select('o.id').where("o.title LIKE 'first%'")
    return source
      .createQueryBuilder()
      .delete()
      .from(Line)
      .where(`("orderId" IN (${unordered.getQuery()}) OR "orderId" IS NULL) AND "product" LIKE '% copy'`)
      .returning(['id', 'quantity'])
      .execute()
  }),
  step('relations changed by the query builder', async ({ source, entities: { Customer } }) => {
    const groups = (of: number) => source.createQueryBuilder().relation(Customer, 'groups').of(of)
    const [readers, writers] = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`)
    await groups(4).addAndRemove([readers, writers], [])
    await groups(4).remove(readers)
    const members = await groups(4).loadMany()
    await groups(4).remove(writers)
    await source.createQueryBuilder().relation(Customer, 'referrer').of(3).set(null)
    return [members, await source.createQueryBuilder().relation(Customer, 'referrer').of(6).loadOne()]
  }),
  since(
    '0.3.24',
    step('update, soft delete and restore of all rows', async ({ source, entities: { Payment } }) => [
      await source.getRepository(Payment).updateAll({ amount: () => '1 + 1' }),
      await source.getRepository(Payment).find({ order: { id: 'ASC' } }),
      await source.getRepository(Payment).deleteAll(),
      await source.getRepository(Payment).clear(),
    ]),
  ),
  failingStep('a query builder with a column that is not there', ({ source, entities: { Customer } }) =>
    source.createQueryBuilder(Customer, 'c').where('c.no_such_column = 1').getMany(),
  ),
]
