import { fixedFlags, type Migration } from '@expand-contract/core'
import { describe, expect, type TestContext, test } from 'vitest'
import type { ScriptDatabase } from '../support/server-database.ts'
import type { ContractAdapter, ContractPart, ContractSession, Declared, Person } from './contract-adapter.ts'
import { AMOUNT_FLAG, EXPAND, NAME_FLAG, PARTED, STAGES, type Stage } from './contract-schema.ts'
import { openContract } from './open-contract.ts'

/** Everything that an application does, with what it must see. */
async function useAll(session: ContractSession): Promise<unknown> {
  const added = await session.add({ name: 'Annie', cents: 100 })
  await session.addAll([
    { name: 'Barbara', cents: 7 },
    { name: 'Bob', cents: 8 },
  ])
  await session.pay(1, 50)
  return {
    added,
    renamed: [await session.rename(3, 'Grace H.'), await session.rename(99, 'Nobody')],
    named: await session.named('A'),
    found: [await session.find(1), await session.find(99)],
    owners: await session.owners(),
    removed: await session.remove(2),
    rows: await session.sql('select * from people where name like $1 order by id', ['%a%']),
    left: await session.sql('select count(*)::int as n, sum(cents)::int as cents from people', []),
  }
}

const SEEN = {
  added: { id: 4, name: 'Annie', cents: 100 },
  renamed: [1, 0],
  named: [
    { id: 1, name: 'Ada', cents: 1300 },
    { id: 2, name: 'Alan', cents: 999 },
    { id: 4, name: 'Annie', cents: 100 },
  ],
  found: [{ id: 1, name: 'Ada', cents: 1300 }, undefined],
  owners: [
    { pet: 'Mimi', owner: 'Ada' },
    { pet: 'Rex', owner: 'Alan' },
  ],
  removed: 1,
  rows: [
    { id: 1, name: 'Ada', cents: 1300 },
    { id: 3, name: 'Grace H.', cents: -5 },
    { id: 5, name: 'Barbara', cents: 7 },
  ],
  left: [{ n: 5, cents: 1410 }],
}

const names = (columns: readonly { readonly name: string }[]): readonly string[] => columns.map(({ name }) => name)

const declaration = ({ id, table, old, new: added, app, flag }: Migration) => ({
  ...{ id, table: table.name, app, flag },
  ...{ old: names(old), new: names(added) },
})

const DECLARATIONS = [
  { id: 'people.full_name', table: 'people', app: 'old', flag: NAME_FLAG, old: ['name'], new: ['full_name'] },
  { id: 'people.amount', table: 'people', app: 'old', flag: AMOUNT_FLAG, old: ['cents'], new: ['amount'] },
]

const SITUATIONS = [
  { name: 'the old columns alone', stage: 'old', phase: 'unknown', on: true },
  { name: 'expand', stage: 'both', phase: 'expand', on: true },
  { name: 'switch, flags off', stage: 'both', phase: 'switch', on: false },
  { name: 'switch, flags on', stage: 'both', phase: 'switch', on: true },
  { name: 'the new columns alone', stage: 'new', phase: 'unknown', on: false },
] as const

/** What every way to use expand-contract must do. */
export function describeContract<Database extends ScriptDatabase>(adapter: ContractAdapter<Database>): void {
  const able = ({ skip }: TestContext, part: ContractPart): void => {
    const reason = adapter.cannot[part]
    if (reason === undefined) return
    console.log(`${adapter.name} skips ${part}: ${reason}`)
    skip(reason)
  }

  describe(`the contract, by ${adapter.name}`, () => {
    test.each(SITUATIONS)('an application sees what it always saw: $name', async ({ stage, phase, on }) => {
      await using contract = await openContract(adapter, {
        stage,
        phase,
        flags: { [NAME_FLAG]: on, [AMOUNT_FLAG]: on },
      })
      expect(await useAll(contract.connection)).toEqual(SEEN)
      if (stage === 'both') expect(await contract.bare(PARTED)).toEqual([])
    })

    test('how long statements take is told of, by kind, side and phase', async () => {
      await using contract = await openContract(adapter, { stage: 'both', flags: { [NAME_FLAG]: true } })
      const { connection } = contract
      const seen: string[] = []
      const told = (): readonly string[] => [...new Set(seen.splice(0))]
      const id = 'people.full_name'
      connection.runtime.observe({
        onAnswer: ({ kind, reads, phases, ms }) => void seen.push(`${kind} ${reads[id]} ${phases[id]} ${ms > 0}`),
      })
      await connection.find(1)
      expect(told()).toEqual(['read new switch true'])
      await connection.rename(1, 'Ada L.')
      expect(told()).toEqual(['write new switch true'])
      await connection.transaction(async (session) => {
        await session.pay(1, 50)
        await session.named('A')
      })
      expect(told()).toEqual(['write new switch true', 'read new switch true'])
      await connection.sql('select 1', [])
      await expect(connection.sql('select name, 1 / (id - 1) from people', [])).rejects.toThrow()
      expect(told()).toEqual([])
    })

    test('its declarations are those that every adapter makes', async () => {
      await using contract = await openContract(adapter, { stage: 'old' })
      expect(contract.connection.runtime.migrations.map(declaration)).toEqual(DECLARATIONS)
    })

    test('the flag says which column is read, per request', async () => {
      await using contract = await openContract(adapter, { stage: 'both', users: ['new'] })
      await contract.bare("update people set full_name = 'From the new column' where id = 1")
      const { connection } = contract
      const nameFor = (userId: string): Promise<string | undefined> =>
        connection.runtime.withContext({ userId }, async () => (await connection.find(1))?.name)
      expect(await Promise.all(['old', 'new', 'old', 'new'].map(nameFor))).toEqual([
        'Ada',
        'From the new column',
        'Ada',
        'From the new column',
      ])
    })

    test('a flag moves no read while the phase is unknown', async () => {
      await using contract = await openContract(adapter, {
        stage: 'both',
        phase: 'unknown',
        flags: { [NAME_FLAG]: true, [AMOUNT_FLAG]: true },
      })
      await contract.bare('update people set full_name = null, amount = null')
      const { connection } = contract
      expect(await connection.find(2)).toEqual({ id: 2, name: 'Alan', cents: 999 })
      await connection.rename(2, 'Alan Turing')
      const { id } = await connection.add({ name: 'Barbara', cents: 7 })
      expect(
        await contract.bare(`select name, full_name, amount from people where id in (2, ${id}) order by id`),
      ).toEqual([
        { name: 'Alan Turing', full_name: 'Alan Turing', amount: null },
        { name: 'Barbara', full_name: 'Barbara', amount: '0.07' },
      ])
    })

    test('a request keeps the column that it began with', async () => {
      const flags = fixedFlags({ [NAME_FLAG]: false })
      await using contract = await openContract(adapter, { stage: 'both', source: flags })
      await contract.bare("update people set full_name = 'From the new column' where id = 1")
      const { connection } = contract
      const seen = await connection.runtime.withContext({}, async () => {
        const before = await connection.find(1)
        flags.set(NAME_FLAG, true)
        return [before?.name, (await connection.find(1))?.name]
      })
      expect(seen).toEqual(['Ada', 'Ada'])
      expect((await connection.find(1))?.name).toBe('From the new column')
    })

    test('a transaction keeps it too, is committed, and rolled back', async () => {
      const flags = fixedFlags({ [NAME_FLAG]: false })
      await using contract = await openContract(adapter, { stage: 'both', source: flags })
      await contract.bare("update people set full_name = 'From the new column' where id = 1")
      const { connection } = contract
      const seen = await connection.transaction(async (session) => {
        const before = await session.find(1)
        flags.set(NAME_FLAG, true)
        await session.add({ name: 'Committed', cents: 1 })
        const lost = session.transaction(async (nested) => {
          await nested.add({ name: 'Lost', cents: 2 })
          throw new Error('rolled back to the savepoint')
        })
        await expect(lost).rejects.toThrow('rolled back to the savepoint')
        return [before?.name, (await session.find(1))?.name, (await session.named('Committed')).length]
      })
      expect(seen).toEqual(['Ada', 'Ada', 1])
      const failed = connection.transaction(async (session) => {
        await session.rename(2, 'Gone')
        throw new Error('rolled back')
      })
      await expect(failed).rejects.toThrow('rolled back')
      expect(await contract.bare('select name, full_name from people where id > 1 order by id')).toEqual([
        { name: 'Alan', full_name: 'Alan' },
        { name: 'Grace', full_name: 'Grace' },
        { name: 'Committed', full_name: 'Committed' },
      ])
    })

    test('columns that are added and dropped while it runs are written without a restart', async () => {
      await using contract = await openContract(adapter, { stage: 'old', catalogRefreshMs: 0 })
      const { connection } = contract
      await connection.add({ name: 'Before', cents: 1 })
      await contract.bare(EXPAND)
      const { id } = await connection.add({ name: 'Between', cents: 2 })
      expect(await contract.bare(`select name, full_name, amount from people where id = ${id}`)).toEqual([
        { name: 'Between', full_name: 'Between', amount: '0.02' },
      ])
      await contract.bare('update people set full_name = name, amount = cents::numeric / 100')
      await contract.bare('alter table people drop name, drop cents')
      await connection.rename(id, 'After')
      expect(await connection.find(id)).toEqual({ id, name: 'After', cents: 2 })
    })

    test.each(['old', 'both', 'new'] satisfies Stage[])('errors name the columns that it knows: %s', async (stage) => {
      await using contract = await openContract(adapter, { stage })
      const error: unknown = await contract.connection
        .add({ name: null as unknown as string, cents: 1 })
        .catch((cause: unknown) => cause)
      expect(databaseError(error)).toMatchObject({ code: '23502', column: 'name', table: 'people' })
      expect(databaseError(error).message).toContain('"name"')
    })

    describe.each(SITUATIONS)('a stream: $name', ({ stage, phase, on }) => {
      test('hands out the rows as the application knows them, and ends early', async (context) => {
        able(context, 'stream')
        await using contract = await openContract(adapter, {
          stage,
          phase,
          flags: { [NAME_FLAG]: on, [AMOUNT_FLAG]: on },
        })
        const people: Person[] = []
        for await (const person of contract.connection.stream()) people.push(person)
        expect(people).toEqual([
          { id: 1, name: 'Ada', cents: 1250 },
          { id: 2, name: 'Alan', cents: 999 },
          { id: 3, name: 'Grace', cents: -5 },
        ])
        for await (const person of contract.connection.stream()) {
          expect(person.name).toBe('Ada')
          break
        }
        expect(await contract.connection.find(2)).toMatchObject({ name: 'Alan' })
      })
    })

    test('a stream reads the column of its request', async (context) => {
      able(context, 'stream')
      await using contract = await openContract(adapter, { stage: 'both', users: ['new'] })
      await contract.bare("update people set full_name = 'From the new column' where id = 1")
      const { connection } = contract
      const firstFor = (userId: string): Promise<string | undefined> =>
        connection.runtime.withContext({ userId }, async () => {
          for await (const { name } of connection.stream()) return name
          return undefined
        })
      expect(await Promise.all(['old', 'new'].map(firstFor))).toEqual(['Ada', 'From the new column'])
    })

    test('its own tool adds the new columns, then nothing, then drops the old ones', async (context) => {
      able(context, 'generate')
      const database = await adapter.createDatabase(STAGES.old)
      const run = async (declared: Declared): Promise<string> => {
        const statements = await adapter.generate(database, declared)
        for (const statement of statements) await database.rows(statement)
        return statements.join('\n')
      }
      expect(await run('before')).toBe('')
      const expand = await run('migrating')
      expect(expand).toMatch(/ADD (?:COLUMN )?"full_name"/iu)
      expect(expand).toMatch(/ADD (?:COLUMN )?"amount" numeric\(12, ?2\)/iu)
      expect(expand).not.toMatch(/DROP|NOT NULL|DEFAULT/iu)
      await database.rows('update people set full_name = name, amount = cents::numeric / 100')
      expect(await run('migrating')).toBe('')
      const contract = await run('after')
      expect(contract).toMatch(/DROP COLUMN "name"/iu)
      expect(contract).toMatch(/DROP COLUMN "cents"/iu)
      expect(await run('after')).toBe('')
      expect(await database.rows('select * from people order by id')).toEqual([
        { id: 1, full_name: 'Ada', amount: '12.50' },
        { id: 2, full_name: 'Alan', amount: '9.99' },
        { id: 3, full_name: 'Grace', amount: '-0.05' },
      ])
      await database.drop()
    })
  })
}

/** What the driver raised, which an ORM may have wrapped. postgres-js has longer names for the fields. */
function databaseError(error: unknown): Record<string, unknown> {
  const { cause, driverError } = error as { cause?: unknown; driverError?: unknown }
  const raised = (driverError ?? cause ?? error) as Record<string, unknown>
  const { code, message, column = raised.column_name, table = raised.table_name } = raised
  return { code, message, column, table }
}
