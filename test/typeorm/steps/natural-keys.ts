import { In } from 'typeorm'
import { failingStep, type Step, step } from './step.ts'

/** An entity whose primary key migrates. */
export const NATURAL_KEYS: readonly Step[] = [
  step('by a migrating key: save new objects', ({ source, entities: { Parcel } }) =>
    source.getRepository(Parcel).save([
      { reference: 'p-1', contents: 'books' },
      { reference: 'p-2', contents: 'pens' },
    ]),
  ),
  step('by a migrating key: save what is there', async ({ source, entities: { Parcel } }) => [
    await source.getRepository(Parcel).save({ reference: 'p-1', contents: 'more books' }),
    await source.getRepository(Parcel).save({ reference: 'p-1', contents: 'more books' }),
  ]),
  step('by a migrating key: insert', ({ source, entities: { Parcel } }) =>
    source.getRepository(Parcel).insert({ reference: 'p-3', contents: 'cups' }),
  ),
  failingStep('by a migrating key: insert it again', ({ source, entities: { Parcel } }) =>
    source.getRepository(Parcel).insert({ reference: 'p-3', contents: 'plates' }),
  ),
  step('by a migrating key: upsert', ({ source, entities: { Parcel } }) =>
    source.getRepository(Parcel).upsert(
      [
        { reference: 'p-3', contents: 'plates' },
        { reference: 'p-4', contents: 'forks' },
      ],
      ['reference'],
    ),
  ),
  step('by a migrating key: find', async ({ source, entities: { Parcel } }) => {
    const parcels = source.getRepository(Parcel)
    return [
      await parcels.findOneBy({ reference: 'p-2' }),
      await parcels.findBy({ reference: In(['p-1', 'p-4', 'none']) }),
      await parcels.find({ order: { reference: 'DESC' }, skip: 1, take: 2 }),
      await parcels.findAndCount({ where: { contents: 'plates' } }),
      await parcels.existsBy({ reference: 'p-9' }),
    ]
  }),
  step('by a migrating key: group', ({ source, entities: { Parcel } }) =>
    source
      .getRepository(Parcel)
      .createQueryBuilder('parcel')
      .select('parcel.reference', 'reference')
      .addSelect('count(*)::int', 'parcels')
      .groupBy('parcel.reference')
      .orderBy('parcel.reference')
      .getRawMany(),
  ),
  step('by a migrating key: update, the key too', async ({ source, entities: { Parcel } }) => [
    await source.getRepository(Parcel).update('p-2', { contents: 'ink' }),
    await source.getRepository(Parcel).update({ reference: 'p-2' }, { reference: 'p-5' }),
  ]),
  step('by a migrating key: remove and delete', async ({ source, entities: { Parcel } }) => {
    const parcels = source.getRepository(Parcel)
    const first = await parcels.findOneByOrFail({ reference: 'p-1' })
    return [
      await parcels.remove(first),
      await parcels.delete('p-3'),
      await parcels.find({ order: { reference: 'ASC' } }),
    ]
  }),
]
