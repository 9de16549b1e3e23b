import { Between, ILike, In, IsNull, Like, MoreThan, Not, Or, Raw } from 'typeorm'
import { type Step, since, step } from './step.ts'

/** What `find` takes besides conditions, and conditions inside of others. */
export const FIND_OPTIONS: readonly Step[] = [
  step('find with select on nested relations', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).find({
      select: {
        id: true,
        name: true,
        visits: true,
        orders: { title: true, lines: { quantity: true } },
        referrer: { name: true, home: { zip: true } },
      },
      relations: { orders: { lines: true }, referrer: true },
      order: { name: 'ASC', orders: { id: 'ASC', lines: { id: 'ASC' } } },
    }),
  ),
  since(
    '1.0.0',
    step('find with a query per relation', ({ source, entities: { Customer } }) =>
      source.getRepository(Customer).find({
        relationLoadStrategy: 'query',
        relations: { orders: { lines: true }, groups: true, referrer: true },
        where: { name: Not('nobody') },
        order: { name: 'DESC' },
        take: 5,
      }),
    ),
  ),
  step('find without eager relations', ({ source, entities: { Order } }) =>
    source.getRepository(Order).find({ loadEagerRelations: false, order: { title: 'DESC' } }),
  ),
  step('find with relation ids of some relations', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).find({
      loadRelationIds: { relations: ['orders', 'referrer'], disableMixedMap: true },
      order: { id: 'ASC' },
    }),
  ),
  step('find with deleted rows of relations', async ({ source, entities: { Customer } }) => {
    const customers = source.getRepository(Customer)
    await customers.softDelete({ code: 'ada' })
    const find = (withDeleted: boolean) =>
      customers.find({ withDeleted, relations: { referrer: true }, where: { name: 'Flo' } })
    const found = [await find(false), await find(true)]
    await customers.restore({ code: 'ada' })
    return found
  }),
  step('find with a comment', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).find({ comment: 'of "name", not \'more\'', where: { name: 'Cy' } }),
  ),
  step('find in a transaction of its own', ({ source, entities: { Customer } }) =>
    source.getRepository(Customer).find({ transaction: true, where: { name: 'Cy' } }),
  ),
  step('find with every lock', async ({ source, entities: { Customer, Order } }) => {
    const found: unknown[] = []
    for (const mode of ['pessimistic_read', 'pessimistic_write', 'for_no_key_update', 'for_key_share'] as const)
      await source.transaction(async (manager) => {
        found.push(
          await manager.find(Customer, { where: { name: 'Cy' }, lock: { mode, onLocked: 'nowait' } }),
          await manager.find(Order, {
            where: { customer: { name: 'Flo' } },
            order: { id: 'ASC' },
            loadEagerRelations: false,
            lock: { mode, tables: ['orders'], onLocked: 'skip_locked' },
          }),
        )
      })
    return found
  }),
  step('find with nulls first and last', async ({ source, entities: { Customer } }) => {
    const by = (nulls: 'FIRST' | 'LAST') =>
      source.getRepository(Customer).find({
        select: { id: true, balance: true },
        order: { balance: { direction: 'DESC', nulls }, id: 'ASC' },
      })
    return [await by('FIRST'), await by('LAST')]
  }),
  step('find through many-to-many, a page of it', ({ source, entities: { Group } }) =>
    source.getRepository(Group).findAndCount({
      relations: { members: { orders: true } },
      where: { members: { name: Or(Like('A%'), ILike('%B%')), visits: Not(Between(100, 200)) } },
      order: { title: 'DESC', members: { name: 'ASC' } },
      take: 1,
      skip: 1,
    }),
  ),
  step('find where not', async ({ source, entities: { Customer } }) => {
    const customers = source.getRepository(Customer)
    const conditions = [
      { name: Not(In(['Cy', 'Di'])) },
      { name: Not(Like('%d%')) },
      { name: Not(ILike('%D%')) },
      { balance: Not(Between(0, 500)) },
      { visits: Not(MoreThan(3)) },
      { status: Not(In(['blocked'])) },
      { secret: Not(IsNull()) },
      { profile: Not(IsNull()), home: { zip: Not('1010') } },
      { visits: Raw((alias) => `${alias} BETWEEN :from AND :to AND ${alias} <> 2`, { from: 1, to: 9 }) },
    ]
    const found: unknown[] = []
    for (const where of conditions) found.push(await customers.find({ where, order: { id: 'ASC' } }))
    return found
  }),
  step('find options in a query builder', ({ source, entities: { Customer } }) =>
    source
      .createQueryBuilder(Customer, 'c')
      .setFindOptions({
        select: { id: true, name: true },
        where: { status: 'active', visits: MoreThan(0) },
        relations: { orders: true },
        order: { name: 'DESC' },
      })
      .andWhere('c.visits < 1000')
      .getManyAndCount(),
  ),
  step('findAndCountBy, findOneOrFail, hasId, merge', async ({ source, entities: { Customer } }) => {
    const customers = source.getRepository(Customer)
    const [found, count] = await customers.findAndCountBy({ name: Like('%y%') })
    const [first] = found
    return [
      found,
      count,
      first && customers.getId(first),
      first && customers.merge(first, { name: 'merged', home: { zip: '9' } }),
      await customers.findOneOrFail({ where: { name: 'Cy' }, select: { name: true, code: true } }),
    ]
  }),
]
