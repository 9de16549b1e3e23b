import { ArrayContains, In, IsNull, MoreThan, Not } from 'typeorm'
import { failingStep, type Shop, type Step, step } from './step.ts'

/** Drawn by the database, so the same in no two databases: it is to be the same wherever it is told. */
const token = '00000000-0000-4000-8000-0000000000aa'
const documents = ({ source, entities: { Document } }: Shop) => source.getRepository(Document)
const tickets = ({ source, entities: { Ticket } }: Shop) => source.getRepository(Ticket)

export const SPECIAL_COLUMNS: readonly Step[] = [
  step('generated, version and date columns: save', async (shop) => {
    const drawn = documents(shop).create({ body: 'drawn' })
    await documents(shop).save(drawn)
    const again = await documents(shop).findOneByOrFail({ id: drawn.id })
    const isUuid = /^[\da-f-]{36}$/u.test(drawn.token)
    const saved = await documents(shop).save([{ body: 'first', token }, { body: 'second' }])
    for (const each of saved) each.token = token
    await documents(shop).createQueryBuilder().update().set({ token }).execute()
    return [isUuid, drawn.token === again.token, saved, await documents(shop).find({ order: { id: 'ASC' } })]
  }),
  step('generated, version and date columns: change', async (shop) => {
    const document = await documents(shop).findOneByOrFail({ body: 'first' })
    document.body = 'first, changed'
    const changed = await documents(shop).save(document)
    const unchanged = await documents(shop).save(await documents(shop).findOneByOrFail({ id: document.id }))
    await documents(shop).increment({ revision: MoreThan(1) }, 'revision', 2)
    return [changed, unchanged, await documents(shop).findBy({ revision: MoreThan(2), madeAt: Not(IsNull()) })]
  }),
  step('generated, version and date columns: soft delete', async (shop) => [
    await documents(shop).softDelete({ body: 'second' }),
    await documents(shop).findBy({ body: 'second' }),
    await documents(shop).find({ withDeleted: true, where: { goneAt: Not(IsNull()) } }),
    await documents(shop).restore({ body: 'second' }),
    await documents(shop).find({ order: { changedAt: 'ASC', id: 'ASC' }, where: { goneAt: IsNull() } }),
  ]),
  step('generated, version and date columns: upsert and optimistic lock', async (shop) => {
    const first = await documents(shop).findOneByOrFail({ body: 'second' })
    return [
      await documents(shop).upsert({ id: first.id, body: 'upserted', token }, ['id']),
      await documents(shop)
        .findOne({ where: { id: first.id }, lock: { mode: 'optimistic', version: 3 } })
        .catch(String),
      await documents(shop).findOneByOrFail({ id: first.id }),
    ]
  }),
  step('a generated key', async ({ source, entities: { Counter } }) => {
    const counters = source.getRepository(Counter)
    const saved = await counters.save([{ counts: 'sheep' }, { counts: 'stars' }])
    const { identifiers } = await counters.insert({ counts: 'days' })
    saved[0] = await counters.save(Object.assign(saved[0] as object, { counts: 'more sheep' }) as (typeof saved)[0])
    return [
      saved,
      identifiers,
      await counters.findOneBy({ number: 2 }),
      await counters.upsert({ number: 2, counts: 'planets' }, ['number']),
      await counters.find({ order: { number: 'DESC' }, where: { number: MoreThan(1) } }),
      await counters.delete([3]),
    ]
  }),
  step('a composite key: save and insert', async (shop) => [
    await tickets(shop).save({
      event: 1,
      seat: 'A1',
      perks: ['drink', 'coat'],
      extras: { note: 'late' },
      tier: 'box',
      remark: 'knows the owner',
      origin: 'phone',
      serialNumber: 7,
      buyer: { id: 1 },
    }),
    await tickets(shop).insert([
      { event: 1, seat: 'A2', serialNumber: 8 },
      { event: 2, seat: 'A1', perks: [], extras: { list: [] }, soldOn: '2024-06-02', buyer: { id: 6 } },
    ]),
  ]),
  step('a composite key: save what is there', async (shop) => {
    const ticket = await tickets(shop).findOneByOrFail({ event: 1, seat: 'A1' })
    ticket.serialNumber = 99
    ticket.perks = ['coat']
    ticket.origin = 'desk'
    return [await tickets(shop).save(ticket), await tickets(shop).save({ event: 1, seat: 'A1', perks: ['coat'] })]
  }),
  step('a composite key: find', async (shop) => [
    await tickets(shop).find({ relations: { buyer: true }, order: { event: 'DESC', seat: 'ASC' }, take: 2 }),
    await tickets(shop).findBy([{ event: 1, seat: In(['A2', 'A3']) }, { buyer: { id: 6 } }, { tier: 'box' }]),
    await tickets(shop).find({ select: { event: true, seat: true, remark: true }, where: { origin: 'web' } }),
    await tickets(shop).findAndCount({ where: { serialNumber: MoreThan(6), soldOn: '2024-05-01' } }),
  ]),
  step('a composite key: query builder', async (shop) => [
    await tickets(shop)
      .createQueryBuilder('t')
      .addSelect('t.remark')
      .leftJoinAndSelect('t.buyer', 'b')
      .where("t.seat LIKE 'A%' AND t.buyer = :buyer", { buyer: 1 })
      .getMany(),
    await tickets(shop)
      .createQueryBuilder()
      .update()
      .set({ tier: 'box', remark: () => "'moved'" })
      .whereInIds([{ event: 1, seat: 'A2' }])
      .returning('*')
      .execute(),
  ]),
  step('a composite key: upsert', (shop) =>
    tickets(shop).upsert(
      [
        { event: 1, seat: 'A2', extras: { upserted: true } },
        { event: 3, seat: 'B1', perks: ['coat'] },
      ],
      ['event', 'seat'],
    ),
  ),
  failingStep('a composite key: insert it again', (shop) => tickets(shop).insert({ event: 3, seat: 'B1' })),
  step('a migrating relation', async (shop) => {
    const relation = shop.source.createQueryBuilder().relation(shop.entities.Ticket, 'buyer')
    await relation.of({ event: 3, seat: 'B1' }).set(2)
    return [
      await relation.of({ event: 3, seat: 'B1' }).loadOne(),
      await tickets(shop).find({ loadRelationIds: true, order: { event: 'ASC', seat: 'ASC' } }),
      await tickets(shop).findBy({ buyer: IsNull() }),
    ]
  }),
  step('a list that is a text on the old side', (shop) =>
    tickets(shop).find({
      where: { perks: (shop.app === 'old' ? ['coat'] : ArrayContains(['coat'])) as never },
      order: { event: 'ASC' },
    }),
  ),
  step('a composite key: remove and delete', async (shop) => [
    await tickets(shop).remove(await tickets(shop).findOneByOrFail({ event: 3, seat: 'B1' })),
    await tickets(shop).delete({ event: 2, seat: 'A1' }),
    await tickets(shop).find({ order: { seat: 'ASC' } }),
  ]),
  step('a migrating discriminator', async ({ source, entities: { Animal, Cat, Dog } }) => {
    const [cats, dogs] = [source.getRepository(Cat), source.getRepository(Dog)]
    await cats.save([{ called: 'Tom', lives: 9 }, { called: 'Kit' }])
    await dogs.insert({ called: 'Rex', trick: 'roll' })
    await cats.update({ called: 'Kit' }, { lives: 8 })
    return [
      await source.getRepository(Animal).find({ order: { id: 'ASC' } }),
      await cats.find({ order: { called: 'ASC' } }),
      await dogs.findBy({ called: 'Rex', species: 'dog' }),
      await cats.delete({ called: 'Kit' }),
      await source.getRepository(Animal).countBy({ species: 'cat' }),
    ]
  }),
]
