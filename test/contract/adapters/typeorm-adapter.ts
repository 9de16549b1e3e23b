import { MigratingDataSource } from '@expand-contract/typeorm'
import { type EntityManager, Like } from 'typeorm'
import { type ContractAdapter, type ContractSession, onNewestServer, type Person } from '../contract-adapter.ts'
import { DECLARED_ENTITIES, PersonEntity, PetEntity } from './typeorm-entities.ts'

function sessionOn(manager: EntityManager): ContractSession {
  return {
    async add(person) {
      const insert = manager.createQueryBuilder().insert().into(PersonEntity).values(person).returning('*')
      const [added]: readonly Person[] = (await insert.execute()).raw
      if (added === undefined) throw new Error('INSERT returned no row')
      return added
    },
    addAll: async (people) => void (await manager.insert(PersonEntity, [...people])),
    find: async (id) => (await manager.findOneBy(PersonEntity, { id })) ?? undefined,
    named: (prefix) => manager.find(PersonEntity, { where: { name: Like(`${prefix}%`) }, order: { name: 'ASC' } }),
    async owners() {
      const pets = await manager.find(PetEntity, { relations: { owner: true }, order: { name: 'ASC' } })
      return pets.map(({ name, owner }) => ({ pet: name, owner: owner.name }))
    },
    rename: async (id, name) => (await manager.update(PersonEntity, { id }, { name })).affected ?? 0,
    pay: async (id, cents) => void (await manager.increment(PersonEntity, { id }, 'cents', cents)),
    remove: async (id) => (await manager.delete(PersonEntity, { id })).affected ?? 0,
    sql: (text, values) => manager.query(text, [...values]),
    transaction: (work) => manager.transaction((nested) => work(sessionOn(nested))),
  }
}

export const typeormAdapter: ContractAdapter = {
  name: 'TypeORM',
  cannot: {},
  createDatabase: onNewestServer,
  async open({ database: { url }, catalogRefreshMs, runtime: options }) {
    const entities = [...DECLARED_ENTITIES.migrating]
    const source = new MigratingDataSource({ type: 'postgres', url, entities }, { ...options, catalogRefreshMs })
    await source.initialize()
    return {
      ...sessionOn(source.manager),
      runtime: source.runtime,
      // On a query runner of its own: TypeORM keeps the connection of a stream that is not read to its end.
      async *stream() {
        const runner = source.createQueryRunner()
        try {
          const people = source.createQueryBuilder(PersonEntity, 'p', runner).orderBy('p.id')
          people.select('p.id', 'id').addSelect('p.name', 'name').addSelect('p.cents', 'cents')
          yield* await people.stream()
        } finally {
          await runner.release()
        }
      },
      close: () => source.destroy(),
    }
  },
  async generate({ url }, declared) {
    const entities = [...DECLARED_ENTITIES[declared]]
    const source = await new MigratingDataSource({ type: 'postgres', url, entities }).initialize()
    try {
      // What the commands migration:generate and schema:log print.
      const { upQueries } = await source.driver.createSchemaBuilder().log()
      return upQueries.map(({ query }) => query)
    } finally {
      await source.destroy()
    }
  },
}
