import {
  And,
  Any,
  ArrayContainedBy,
  ArrayContains,
  ArrayOverlap,
  Between,
  Equal,
  type FindOptionsWhere,
  ILike,
  In,
  IsNull,
  JsonContains,
  LessThan,
  LessThanOrEqual,
  Like,
  MoreThan,
  MoreThanOrEqual,
  Not,
  Or,
  Raw,
} from 'typeorm'
import type { ShopEntities } from '../shop/entities.ts'
import { failingStep, type Step, step } from './step.ts'

type Customer = InstanceType<ShopEntities['Customer']>

const OPERATORS: Readonly<Record<string, FindOptionsWhere<Customer> | FindOptionsWhere<Customer>[]>> = {
  'a value': { name: 'Cy' },
  Equal: { status: Equal('blocked') },
  Not: { name: Not('Cy') },
  'Not(IsNull)': { balance: Not(IsNull()) },
  IsNull: { balance: IsNull() },
  In: { name: In(['Cy', 'Di', 'nobody']) },
  'In with no values': { name: In([]) },
  Like: { name: Like('%d%') },
  ILike: { name: ILike('%D%') },
  Between: { visits: Between(1, 9) },
  'a computed column between': { balance: Between(-100, 1000) },
  MoreThan: { visits: MoreThan(3) },
  MoreThanOrEqual: { balance: MoreThanOrEqual(-1) },
  LessThan: { visits: LessThan(8) },
  LessThanOrEqual: { visits: LessThanOrEqual(7) },
  Any: { name: Any(['Cy', 'Ed']) },
  'And, Or': { visits: And(MoreThan(0), LessThan(100)), name: Or(Like('C%'), Equal('Di')) },
  'several wheres': [{ name: 'Cy' }, { status: 'blocked', visits: 9 }],
  Raw: { name: Raw((alias) => `upper(${alias}) = :name`, { name: 'CY' }) },
  'Raw without alias': { visits: Raw('42') },
  ArrayContains: { labels: ArrayContains(['math']) },
  ArrayContainedBy: { labels: ArrayContainedBy(['math', 'first', 'late']) },
  ArrayOverlap: { labels: ArrayOverlap(['late', 'first']) },
  JsonContains: { profile: JsonContains({ born: 1815 }) },
  'a transformed column': { secret: 'engine' },
  'an embedded column': { home: { zip: 'W1' } },
  'a relation': { referrer: { name: 'Ada Lovelace' } },
  'rows of a relation': { orders: { title: Like('second%'), lines: { quantity: MoreThan(2) } } },
}

const BY_OPERATOR = Object.entries(OPERATORS).map(([name, where]) =>
  step(`find where ${name}`, ({ source, entities }) =>
    source.getRepository(entities.Customer).find({ where, order: { id: 'ASC' } }),
  ),
)

export const FINDS: readonly Step[] = [
  ...BY_OPERATOR,
  step('find all', ({ source, entities }) => source.getRepository(entities.Customer).find({ order: { name: 'DESC' } })),
  step('find with relations', ({ source, entities }) =>
    source.getRepository(entities.Customer).find({
      relations: { orders: { lines: true }, groups: true, referrer: true },
      order: { name: 'ASC', orders: { title: 'DESC', lines: { quantity: 'ASC' } }, groups: { title: 'ASC' } },
    }),
  ),
  step('find with relations by separate queries', ({ source, entities }) =>
    source.getRepository(entities.Customer).find({
      relations: { orders: true, groups: true },
      relationLoadStrategy: 'query',
      where: { id: In([1, 2, 6]) },
      order: { id: 'ASC' },
    }),
  ),
  step('find with relations, take and skip', ({ source, entities }) =>
    source.getRepository(entities.Customer).find({
      relations: { orders: true },
      where: { visits: MoreThan(-1) },
      order: { name: 'DESC', id: 'ASC' },
      take: 3,
      skip: 1,
    }),
  ),
  step('take and skip ordered by a computed column', ({ source, entities }) =>
    source
      .getRepository(entities.Customer)
      .find({ order: { balance: { direction: 'ASC', nulls: 'LAST' }, id: 'ASC' }, take: 2, skip: 1 }),
  ),
  step('select', ({ source, entities }) =>
    source.getRepository(entities.Customer).find({
      select: { id: true, name: true, home: { zip: true }, orders: { id: true, title: true } },
      relations: { orders: true },
      order: { id: 'ASC', orders: { id: 'ASC' } },
    }),
  ),
  step('eager relations', ({ source, entities }) =>
    source.getRepository(entities.Order).find({ order: { title: 'ASC', lines: { id: 'ASC' } } }),
  ),
  step('lazy relations', async ({ source, entities }) => {
    const customer = await source.getRepository(entities.Customer).findOneByOrFail({ name: 'Ada Lovelace' })
    await source.getRepository(entities.Note).save({ body: 'lazy', customer })
    return customer.notes
  }),
  step('relation ids', ({ source, entities }) =>
    source
      .getRepository(entities.Customer)
      .find({ loadRelationIds: true, where: { id: In([1, 2, 6]) }, order: { id: 'ASC' } }),
  ),
  step('findAndCount', ({ source, entities }) =>
    source
      .getRepository(entities.Customer)
      .findAndCount({ where: { name: Like('%d%') }, order: { name: 'ASC' }, take: 1 }),
  ),
  step('findOne, findOneBy, findByIds', async ({ source, entities }) => {
    const customers = source.getRepository(entities.Customer)
    return [
      await customers.findOne({ where: { name: 'nobody' } }),
      await customers.findOneBy({ code: 'cy' }),
      await customers.findOneOrFail({ where: { name: 'nobody' } }).catch((error: Error) => error.name),
      await customers.findBy({ id: In([1, 3]) }),
    ]
  }),
  step('exists and count', async ({ source, entities }) => {
    const customers = source.getRepository(entities.Customer)
    return [
      await customers.exists({ where: { name: 'Cy' } }),
      await customers.existsBy({ code: 'none' }),
      await customers.count({ where: { status: 'blocked' } }),
      await customers.count({ where: { orders: { title: Like('%order%') } } }),
    ]
  }),
  step('sum, average, minimum, maximum', async ({ source, entities }) => {
    const customers = source.getRepository(entities.Customer)
    const payments = source.getRepository(entities.Payment)
    return [
      await customers.sum('visits'),
      await customers.average('visits', { status: 'active' }),
      await payments.minimum('amount'),
      await payments.maximum('amount', { amount: Not(700) }),
    ]
  }),
  step('a lock', ({ source, entities }) =>
    source.transaction((manager) =>
      manager.find(entities.Customer, { where: { name: 'Cy' }, lock: { mode: 'pessimistic_write' } }),
    ),
  ),
  failingStep('an optimistic lock', ({ source, entities }) =>
    source
      .getRepository(entities.Customer)
      .findOne({ where: { code: 'cy' }, lock: { mode: 'optimistic', version: 99 } }),
  ),
  step('the query cache', async ({ source, entities }) => {
    const cached = () =>
      source.getRepository(entities.Customer).find({ where: { name: 'Cy' }, cache: { id: 'cy', milliseconds: 60_000 } })
    return [await cached(), await cached()]
  }),
]
