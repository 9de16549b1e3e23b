import { In, Like } from 'typeorm'
import { type Step, step } from './step.ts'

/** Relations by columns of the other table that migrate. */
export const LINKS: readonly Step[] = [
  step('links: save by a unique column', async ({ source, entities: { Customer, Voucher } }) => {
    const customer = await source.manager.findOneByOrFail(Customer, { code: 'cy' })
    const [first, second] = await source.manager.save(Voucher, [
      { cents: 500, customer },
      { cents: 700, customer: null },
    ])
    return [first, second, await source.manager.save(Voucher, { cents: 900, customer: { code: 'di', id: 4 } })]
  }),
  step('links: cascade to an entity that is found by a unique column', ({ source, entities: { Voucher } }) =>
    source.manager.save(Voucher, {
      cents: 100,
      customer: { email: 'zoe@example.org', name: 'Zoe', code: 'zoe', visits: 2 } as never,
    }),
  ),
  step('links: find', async ({ source, entities: { Voucher } }) => {
    const vouchers = source.getRepository(Voucher)
    return [
      await vouchers.find({ relations: { customer: true }, order: { id: 'ASC' } }),
      await vouchers.find({ where: { customer: { name: Like('C%') } as never }, order: { id: 'ASC' } }),
      await vouchers.find({ where: { customer: { code: In(['di', 'zoe']) } }, order: { customer: { code: 'DESC' } } }),
      await vouchers.find({ loadRelationIds: true, order: { id: 'DESC' } }),
      await vouchers.findAndCount({
        relations: { customer: true },
        order: { customer: { code: 'ASC' }, id: 'ASC' },
        take: 2,
      }),
    ]
  }),
  step('links: a query builder', async ({ source, entities: { Voucher, Customer } }) => {
    const joined = source
      .createQueryBuilder(Voucher, 'v')
      .innerJoin('v.customer', 'c')
      .select('c.name', 'name')
      .addSelect('sum(v.cents)', 'cents')
      .groupBy('c.code')
      .addGroupBy('c.name')
      .orderBy('c.code')
    const [first] = await source.manager.find(Voucher, { order: { id: 'ASC' } })
    const relation = source.createQueryBuilder().relation(Voucher, 'customer').of(first)
    return [
      await joined.getRawMany(),
      await source
        .createQueryBuilder(Customer, 'c')
        .where((q) => `c.code IN ${q.subQuery().select('v.customer').from(Voucher, 'v').getQuery()}`)
        .orderBy('c.id')
        .getMany(),
      await relation.set('di'),
      await relation.loadOne(),
    ]
  }),
  step('links: change and remove', async ({ source, entities: { Voucher, Customer } }) => {
    const voucher = await source.manager.findOneOrFail(Voucher, {
      where: { cents: 100 },
      relations: { customer: true },
    })
    voucher.customer = await source.manager.findOneByOrFail(Customer, { code: 'ada' })
    return [
      await source.manager.save(voucher),
      await source.manager.update(Voucher, { customer: { code: 'di' } }, { cents: 1 }),
      await source.manager.delete(Voucher, { customer: { code: 'cy' } }),
      await source.manager.find(Voucher, { relations: { customer: true }, order: { id: 'ASC' } }),
    ]
  }),
  step('links: many-to-many by a key', async ({ source, entities: { Parcel, Sticker } }) => {
    const parcels = await source.manager.save(Parcel, [
      { reference: 'l-1', contents: 'tea' },
      { reference: 'l-2', contents: 'milk' },
    ])
    await source.manager.save(Sticker, { number: 1, parcels })
    await source.manager.save(Sticker, { number: 1, parcels: parcels.slice(1) })
    const relation = source.createQueryBuilder().relation(Sticker, 'parcels').of(1)
    await relation.add('l-1')
    return [
      await source.manager.find(Sticker, { relations: { parcels: true }, order: { parcels: { reference: 'DESC' } } }),
      await source.manager.find(Sticker, { where: { parcels: { contents: 'tea' } as never } }),
      await relation.loadMany(),
      await relation.remove('l-2'),
      await source.manager.find(Sticker, { loadRelationIds: true }),
    ]
  }),
  step('links: one-to-one that shares its key', async ({ source, entities: { Receipt } }) => {
    await source.manager.save(Receipt, { reference: 'l-1', signed: 'Cy' })
    await source.manager.upsert(Receipt, { reference: 'l-1', signed: 'Di' }, ['reference'])
    return [
      await source.manager.find(Receipt, { relations: { parcel: true } }),
      await source.manager.findOneBy(Receipt, { parcel: { contents: 'tea' } as never }),
      await source
        .createQueryBuilder(Receipt, 'r')
        .leftJoinAndSelect('r.parcel', 'p')
        .where('p.reference = :reference', { reference: 'l-1' })
        .getMany(),
      await source.manager.delete(Receipt, { parcel: { reference: 'l-1' } }),
    ]
  }),
]
