import { type Step, step } from './step.ts'

/** What subscribers are told. They are called while entities are saved, so a change that is none would show here. */
export const EVENTS: readonly Step[] = [
  step('listeners and subscribers', async ({ source, entities: { Customer } }) => {
    const told: unknown[] = []
    const listener = {
      listenTo: () => Customer,
      afterLoad: (entity: object) => void told.push(['load', { ...entity }]),
      beforeInsert: ({ entity }: { entity: object }) => void told.push(['insert', { ...entity }]),
      beforeUpdate: ({ updatedColumns }: { updatedColumns: readonly { propertyName: string }[] }) =>
        void told.push(['update', updatedColumns.map(({ propertyName }) => propertyName)]),
      beforeSoftRemove: () => void told.push(['soft remove']),
    }
    source.subscribers.push(listener)
    try {
      const customers = source.getRepository(Customer)
      await customers.save(customers.create({ email: 'nan@example.org', name: 'Nan', code: 'NAN', balance: 5 }))
      const loaded = await customers.findOneByOrFail({ code: 'nan' })
      await customers.save(loaded)
      loaded.visits = Number(loaded.visits) + 1
      loaded.labels = ['a', 'b']
      loaded.secret = 'changed'
      await customers.save(loaded)
      await customers.softRemove(loaded)
    } finally {
      source.subscribers.splice(source.subscribers.indexOf(listener), 1)
    }
    return told
  }),
]
