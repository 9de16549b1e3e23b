import { Brackets } from 'typeorm'
import { type Step, step } from './step.ts'

/** SelectQueryBuilder: what is read. */
export const QUERY_BUILDER: readonly Step[] = [
  step('select with addSelect', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select(['c.id', 'c.name'])
      .addSelect('upper(c.name)', 'loud')
      .addSelect('c.visits + 1', 'next')
      .orderBy('c.name')
      .getRawMany(),
  ),
  step('raw and entities', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .addSelect('length(c.name)', 'size')
      .where('c.visits > :least', { least: 0 })
      .orderBy('size', 'DESC')
      .addOrderBy('c.id')
      .getRawAndEntities(),
  ),
  step('joins', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .leftJoinAndSelect('c.orders', 'o', 'o.title LIKE :title', { title: '%order%' })
      .leftJoinAndSelect('o.lines', 'l')
      .innerJoin('c.groups', 'g', 'g.title = :group', { group: 'readers' })
      .where(
        new Brackets((where) => where.where('c.name = :name', { name: 'Ada Lovelace' }).orWhere('c.status = :status')),
      )
      .setParameter('status', 'active')
      .orderBy('c.id')
      .addOrderBy('o.id')
      .addOrderBy('l.id')
      .getMany(),
  ),
  step('join of any table', ({ source, entities: { Order } }) =>
    source
      .createQueryBuilder(Order, 'o')
      .leftJoinAndMapOne('o.buyer', 'customers', 'buyer', 'buyer.id = o.customerId AND buyer.name <> o.title')
      .orderBy('o.id')
      .getMany(),
  ),
  step('sub-queries', ({ source, entities: { Customer, Order } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.name', 'name')
      .addSelect((query) => query.select('max(o.title)').from(Order, 'o').where('o.customerId = c.id'), 'last_title')
      .where((query) => {
        const sub = query.subQuery().select('o.customerId').from(Order, 'o').where("o.title LIKE '%order%'").getQuery()
        return `c.id IN ${sub} OR c.name IN (SELECT s.name FROM (${query.subQuery().select('x.name', 'name').from(Customer, 'x').where('x.visits > 8').getQuery()}) s)`
      })
      .orderBy('c.name')
      .getRawMany(),
  ),
  step('from a sub-query', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder()
      .select('s.name', 'name')
      .addSelect('s.spent', 'spent')
      .from((query) => query.select('c.name', 'name').addSelect('c.balance * 2', 'spent').from(Customer, 'c'), 's')
      .where('s.spent IS NOT NULL')
      .orderBy('s.spent')
      .getRawMany(),
  ),
  step('a common table expression', ({ source, entities: { Customer } }) => {
    const loud = source
      .createQueryBuilder()
      .select('c.id', 'id')
      .addSelect('upper(c.name)', 'loud')
      .from(Customer, 'c')
      .where('c.status = :status', { status: 'active' })
    return source
      .createQueryBuilder()
      .addCommonTableExpression(loud, 'loud_ones')
      .select('l.loud', 'loud')
      .from('loud_ones', 'l')
      .orderBy('l.id')
      .getRawMany()
  }),
  step('group by and having', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.status', 'status')
      .addSelect('count(*)', 'customers')
      .addSelect('sum(c.visits)', 'visits')
      .addSelect('avg(c.balance)', 'balance')
      .addSelect('string_agg(c.name, :comma ORDER BY c.name)', 'names')
      .groupBy('c.status')
      .having('sum(c.visits) >= :least', { comma: ', ', least: 0 })
      .orderBy('c.status')
      .getRawMany(),
  ),
  step('group by the key', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select(['c.id', 'c.name'])
      .addSelect('count(o.id)', 'orders')
      .leftJoin('c.orders', 'o')
      .groupBy('c.id')
      .having('count(o.id) >= 0')
      .orderBy('orders', 'DESC')
      .addOrderBy('c.name')
      .limit(3)
      .getRawMany(),
  ),
  step('distinct on', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .distinctOn(['c.status'])
      .orderBy('c.status')
      .addOrderBy('c.name', 'DESC')
      .getMany(),
  ),
  step('distinct', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select('c.status', 'status')
      .distinct(true)
      .orderBy('c.status')
      .getRawMany(),
  ),
  step('take and skip with a join', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .leftJoinAndSelect('c.orders', 'o')
      .orderBy('c.name', 'DESC')
      .addOrderBy('o.title')
      .take(3)
      .skip(1)
      .getManyAndCount(),
  ),
  step('locks', ({ source, entities: { Customer } }) =>
    source.transaction((manager) =>
      manager
        .createQueryBuilder(Customer, 'c')
        .innerJoin('c.orders', 'o')
        .where('c.name = :name', { name: 'Flo' })
        .setLock('pessimistic_write', undefined, ['c'])
        .setOnLocked('skip_locked')
        .getMany(),
    ),
  ),
  step('a stream', async ({ source, entities: { Customer } }) => {
    const rows: unknown[] = []
    const stream = await source.createQueryBuilder(Customer, 'c').orderBy('c.name').stream()
    for await (const row of stream) rows.push(row)
    return rows
  }),
  step('counts by a query builder', async ({ source, entities: { Customer } }) => [
    await source.createQueryBuilder(Customer, 'c').where("c.name LIKE '%d%'").getCount(),
    await source.createQueryBuilder(Customer, 'c').where("c.name = 'Cy'").getExists(),
  ]),
  step('loadRelationIdAndMap', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .loadRelationIdAndMap('c.orderIds', 'c.orders')
      .where("c.name <> 'Ed'")
      .orderBy('c.id')
      .getMany(),
  ),
  step('json and window functions', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .select("json_build_object('name', c.name, 'visits', c.visits, 'balance', c.balance)", 'document')
      .addSelect('row_number() OVER (ORDER BY c.name)', 'place')
      .addSelect("c.profile ->> 'born'", 'born')
      .addSelect('(c.labels)[1]', 'label')
      .orderBy('place')
      .getRawMany(),
  ),
]
