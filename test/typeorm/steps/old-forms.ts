import { type Shop, type Step, step, until } from './step.ts'

/** What TypeORM 0.3 has and 1 has no more, so that its types know nothing of it. */
interface OldRepository {
  find(options: object): Promise<unknown>
  findOne(options: object): Promise<unknown>
  findByIds(ids: readonly number[]): Promise<readonly { readonly id: number }[]>
  findOneById(id: number): Promise<unknown>
  exist(options: object): Promise<boolean>
}

interface OldQueryBuilder {
  onConflict(sql: string): OldQueryBuilder
  orUpdate(statement: object): OldQueryBuilder
  setParameter(name: string, value: unknown): OldQueryBuilder
  loadRelationCountAndMap(property: string, relation: string): OldQueryBuilder
  printSql(): OldQueryBuilder
  execute(): Promise<unknown>
  getMany(): Promise<unknown>
}

const customers = ({ source, entities: { Customer } }: Shop) =>
  source.getRepository(Customer) as unknown as OldRepository

const insertCustomer = ({ source, entities: { Customer } }: Shop, values: object) =>
  source.createQueryBuilder().insert().into(Customer).values(values) as unknown as OldQueryBuilder

const STEPS: readonly Step[] = [
  step('0.3: select and relations by strings', (shop) =>
    customers(shop).find({
      select: ['id', 'name', 'visits', 'home'],
      relations: ['orders', 'orders.lines', 'referrer'],
      order: { name: 'ASC', orders: { id: 'ASC', lines: { id: 'ASC' } } },
    }),
  ),
  step('0.3: join in options', (shop) =>
    customers(shop).find({
      join: { alias: 'c', leftJoinAndSelect: { orders: 'c.orders', lines: 'orders.lines' } },
      where: { name: 'Flo' },
      order: { id: 'ASC' },
    }),
  ),
  step('0.3: findByIds, findOneById, exist', async (shop) => {
    const found = await customers(shop).findByIds([1, 3, 4])
    return [
      [...found].sort((one, other) => one.id - other.id),
      await customers(shop).findOneById(3),
      await customers(shop).exist({ where: { name: 'Cy' } }),
    ]
  }),
  step('0.3: onConflict in SQL', async (shop) => {
    const [name, visits] = [shop.column('name'), shop.column('visits')]
    const values = { email: 'cy@example.org', name: 'Cy again', code: 'cy' }
    return [
      await insertCustomer(shop, values).onConflict('("email") DO NOTHING').execute(),
      await insertCustomer(shop, values)
        .onConflict(`("email") DO UPDATE SET ${name} = EXCLUDED.${name}, ${visits} = "customers".${visits} + :more`)
        .setParameter('more', 5)
        .execute(),
    ]
  }),
  step('0.3: orUpdate with named parts', (shop) =>
    insertCustomer(shop, { email: 'cy@example.org', name: 'Cy', code: 'cy', visits: 8 })
      .orUpdate({
        conflict_target: ['email'],
        overwrite: [shop.column('name'), shop.column('visits')].map((name) => name.slice(1, -1)),
      })
      .execute(),
  ),
  step('0.3: loadRelationCountAndMap', ({ source, entities: { Customer } }) =>
    (source.createQueryBuilder(Customer, 'c').orderBy('c.name') as unknown as OldQueryBuilder)
      .loadRelationCountAndMap('c.orderCount', 'c.orders')
      .getMany(),
  ),
  step('0.3: locks by their old names', async ({ source, entities: { Customer } }) => {
    const found: unknown[] = []
    for (const mode of ['pessimistic_partial_write', 'pessimistic_write_or_fail'])
      await source.transaction(async (manager) => {
        const repository = manager.getRepository(Customer) as unknown as OldRepository
        found.push(await repository.findOne({ where: { name: 'Cy' }, lock: { mode } }))
      })
    return found
  }),
]

export const OLD_FORMS: readonly Step[] = STEPS.map((each) => until('1.0.0', each))
