import { Buffer } from 'node:buffer'
import { PGlite } from '@electric-sql/pglite'
import { createRuntime } from '@expand-contract/core'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { expect, test } from 'vitest'
import { BOTH, PEOPLE } from '../postgres-js/people.ts'
import { readSwitch } from '../support/read-switch.ts'
import { openPGlite } from './open-pglite.ts'

const INSERT = "insert into people (name) values ('Unplanned')"

/** A message of the wire protocol. */
function message(type: string, body: Buffer): Uint8Array {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const parse = (name: string, text: string) => message('P', Buffer.from(`${name}\0${text}\0\0\0`))
const describe = () => message('D', Buffer.from('S\0'))
const sync = () => message('S', Buffer.alloc(0))

test('messages of the wire protocol may describe a statement, and run none', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db } = fixture
  const running = [
    message('Q', Buffer.from(`${INSERT}\0`)),
    Buffer.concat([
      parse('', INSERT),
      message('B', Buffer.from('\0\0\0\0\0\0\0\0')),
      message('E', Buffer.from('\0\0\0\0\0')),
      sync(),
    ]),
    parse('named', INSERT),
    new Uint8Array([0, 0, 0, 8]),
  ]
  for (const refused of running) {
    const sent = [
      db.execProtocol(refused),
      db.execProtocolRaw(refused),
      db.execProtocolStream(refused),
      db.execProtocolRawStream(refused, { onRawData: () => undefined }),
    ]
    for (const each of sent) await expect(each).rejects.toMatchObject({ code: 'EC_PGLITE_PROTOCOL' })
    expect(() => db.execProtocolRawSync(refused)).toThrow('is not planned')
  }
  expect(await fixture.bare('select 1 from people')).toHaveLength(3)
  const { messages } = await db.runExclusive(async () => {
    await db.execProtocol(parse('', 'select name from people where id = $1'))
    const described = await db.execProtocol(describe())
    await db.execProtocol(sync())
    return described
  })
  expect(messages.map(({ name }) => name)).toEqual(['parameterDescription', 'rowDescription'])
})

test('LISTEN and NOTIFY are untouched, in a transaction, too', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db } = fixture
  const heard: string[] = []
  const stop = await db.listen('people', (payload) => heard.push(payload))
  await db.transaction((tx) => tx.listen('within', (payload) => heard.push(payload)))
  await db.transaction((tx) => db.listen('outside', (payload) => heard.push(payload), tx))
  const all: string[] = []
  const off = db.onNotification((channel) => all.push(channel))
  await db.exec("notify people, 'one'; notify within, 'two'; notify outside, 'three'")
  await db.query("select pg_notify('people', name) from people where id = 1")
  await db.query('select 1')
  expect(heard).toEqual(['one', 'two', 'three', 'Ada'])
  expect(all).toEqual(['people', 'within', 'outside', 'people'])
  off()
  await stop()
  await db.unlisten('within')
  await db.exec("notify people, 'unheard'; notify within, 'unheard'")
  expect(heard).toHaveLength(4)
})

test('a clone is instrumented, and a dump has both columns', async () => {
  await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db } = fixture
  await db.query("insert into people (name) values ('Before')")
  const dump = await db.dumpDataDir('none')
  const clone = await db.clone()
  await clone.query("insert into people (name) values ('In the clone')")
  const columns = 'select "full_name", name as n from people where id > 3 order by id'
  expect((await clone.query(columns)).rows).toEqual([
    { full_name: 'Before', n: 'Before' },
    { full_name: 'In the clone', n: 'In the clone' },
  ])
  await clone.close()
  const loaded = await PGlite.create({ loadDataDir: dump })
  expect((await loaded.query(columns)).rows).toEqual([{ full_name: 'Before', n: 'Before' }])
  await loaded.close()
  expect(await fixture.bare("select 1 from people where name = 'In the clone'")).toEqual([])
})

test('new types are known after refreshArrayTypes, and statements before and after close are PGlite’s', async () => {
  const fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
  const { db, driver, runtime } = fixture
  await db.exec("create type mood as enum ('calm', 'tired')")
  await db.refreshArrayTypes()
  expect((await db.query("select array_agg('calm'::mood) as moods from people where id < 3")).rows).toEqual([
    { moods: ['calm', 'calm'] },
  ])
  const last = db.query("insert into people (name) values ('Last') returning name")
  const closed = db.close()
  const late = db.query('select name from people')
  expect((await last).rows).toEqual([{ name: 'Last' }])
  await closed
  await expect(late).rejects.toThrow('PGlite is closed')
  await expect(db.transaction(async (tx) => tx.query('select 1'))).rejects.toThrow('PGlite is closed')
  expect([db.closed, driver.closed]).toEqual([true, true])
  await runtime.close()
})

test('an instance that is not ready yet is waited for', async () => {
  const runtime = await createRuntime({
    migrations: PEOPLE,
    flags: { isEnabled: () => true },
    phases: readSwitch(PEOPLE),
  })
  await using db = instrumentedPGlite(runtime, new PGlite())
  const first = db.exec(BOTH)
  const second = db.query('select name from people where id = 1')
  await first
  expect((await second).rows).toEqual([{ name: 'Ada*' }])
  expect(() => instrumentedPGlite(runtime, db)).toThrow('instrumented already')
  expect(() => instrumentedPGlite(runtime, {} as PGlite)).toThrow('not an instance of PGlite')
})
