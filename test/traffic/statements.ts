import assert from 'node:assert/strict'
import type { ClientBase, Pool } from 'pg'
import type { Ledger } from './ledger.ts'
import { SHARED_ROWS } from './schema.ts'

export type Db = Pool | ClientBase

/** The rows a worker owns; nobody else writes them, so every answer about them is known. */
export interface Own {
  readonly ledger: Ledger
  readonly ids: number[]
  nextId(): number
}

interface Row {
  readonly id: number
  readonly label: string
  readonly balance: number
}

/** One statement, or a few, whose answers are checked against the ledger. `keep` records a change once it is certain. */
export type Statement = (db: Db, own: Own, keep: (change: () => void) => void) => Promise<void>

const random = (limit: number): number => Math.floor(Math.random() * limit)
const someShared = (): number => 1 + random(SHARED_ROWS)
const someLabel = (): string => `label ${random(1_000_000)}`

function someOwn({ ids }: Own): number {
  const id = ids[random(ids.length)]
  assert(id !== undefined, 'a worker has no row of its own left')
  return id
}

const readByKey: Statement = async (db, own) => {
  const id = someOwn(own)
  const { rows } = await db.query<Row>({
    name: 'account-by-id',
    text: 'select label, balance from accounts where id = $1',
    values: [id],
  })
  assert.deepEqual(rows, [own.ledger.row(id)], 'a row read by its key')
}

const readWhole: Statement = async (db, own) => {
  const id = someOwn(own)
  const { rows } = await db.query({ name: 'whole', text: 'select * from accounts where id = $1', values: [id] })
  assert.deepEqual(rows, [{ id, ...own.ledger.row(id), note: null }], 'a whole row')
}

const readByLabel: Statement = async (db, own) => {
  const id = someOwn(own)
  const { label } = own.ledger.row(id)
  const { rows } = await db.query<Row>('select id from accounts a where a.label = $1 and a.id = $2', [label, id])
  assert.deepEqual(rows, [{ id }], 'a row found by its label')
}

const readAggregate: Statement = async (db, own) => {
  const ids = [someOwn(own)]
  const sql = 'select label, count(*)::int as n from accounts where id = any($1) group by label order by label'
  const { rows } = await db.query(sql, [ids])
  assert.deepEqual(rows, [{ label: own.ledger.row(ids[0] ?? 0).label, n: 1 }], 'a group by the label')
}

const setLabel: Statement = async (db, own, keep) => {
  const [id, label] = [someOwn(own), someLabel()]
  const { rowCount } = await db.query('update accounts set label = $2 where id = $1', [id, label])
  assert.equal(rowCount, 1, 'rows updated')
  keep(() => own.ledger.put(id, label, own.ledger.row(id).balance))
}

const appendLabel: Statement = async (db, own, keep) => {
  const id = someOwn(own)
  const sql =
    "update accounts set label = left(label, 40) || '+', balance = balance + 1 where id = $1 returning label, balance"
  const { rows } = await db.query<Row>(sql, [id])
  const before = own.ledger.row(id)
  const [label, balance] = [`${before.label.slice(0, 40)}+`, before.balance + 1]
  assert.deepEqual(rows, [{ label, balance }], 'what an update of a column by itself returns')
  keep(() => own.ledger.put(id, label, balance))
}

const insertOne: Statement = async (db, own, keep) => {
  const [id, label, balance] = [own.nextId(), someLabel(), random(1_000)]
  const sql = 'insert into accounts (id, label, balance) values ($1, $2, $3) returning *'
  const { rows } = await db.query(sql, [id, label, balance])
  assert.deepEqual(rows, [{ id, label, balance, note: null }], 'what an insert returns')
  keep(() => added(own, id, label, balance))
}

const insertMany: Statement = async (db, own, keep) => {
  const [a, b, label] = [own.nextId(), own.nextId(), someLabel()]
  await db.query('insert into accounts (id, label, balance) values ($1, $3, 1), ($2, $3 || $4, default)', [
    a,
    b,
    label,
    ' too',
  ])
  keep(() => {
    added(own, a, label, 1)
    added(own, b, `${label} too`, 0)
  })
}

const insertCopy: Statement = async (db, own, keep) => {
  const [from, id] = [someOwn(own), own.nextId()]
  const sql = `insert into accounts (id, label, balance) select $1, label, balance from accounts where id = $2`
  await db.query(sql, [id, from])
  const { label, balance } = own.ledger.row(from)
  keep(() => added(own, id, label, balance))
}

const upsertOwn: Statement = async (db, own, keep) => {
  const [id, label] = [someOwn(own), someLabel()]
  const sql = `insert into accounts (id, label, balance) values ($1, $2, 7)
               on conflict (id) do update set label = excluded.label, balance = accounts.balance + excluded.balance
               returning label, balance`
  const { rows } = await db.query(sql, [id, label])
  const balance = own.ledger.row(id).balance + 7
  assert.deepEqual(rows, [{ label, balance }], 'what an upsert returns')
  keep(() => own.ledger.put(id, label, balance))
}

const changeInCte: Statement = async (db, own, keep) => {
  const [id, label] = [someOwn(own), someLabel()]
  const sql = `with changed as (update accounts set label = $2 where id = $1 returning id, label, balance)
               select c.label, a.id from changed c join accounts a on a.id = c.id`
  const { rows } = await db.query(sql, [id, label])
  assert.deepEqual(rows, [{ label, id }], 'what an update in a CTE returns')
  keep(() => own.ledger.put(id, label, own.ledger.row(id).balance))
}

const deleteOne: Statement = async (db, own, keep) => {
  if (own.ids.length < 10) return
  const id = someOwn(own)
  const { rows } = await db.query('delete from accounts where id = $1 returning label, balance', [id])
  assert.deepEqual(rows, [own.ledger.row(id)], 'what a delete returns')
  keep(() => {
    own.ids.splice(own.ids.indexOf(id), 1)
    own.ledger.remove(id)
  })
}

const addShared: Statement = async (db, own, keep) => {
  const [id, amount] = [someShared(), random(100)]
  await db.query('update accounts set balance = balance + $2 where id = $1', [id, amount])
  keep(() => own.ledger.add(id, amount))
}

const upsertShared: Statement = async (db, own, keep) => {
  const [id, amount] = [someShared(), random(100)]
  const sql = `insert into accounts as a (id, label, balance) values ($1, 'shared', $2)
               on conflict (id) do update set balance = a.balance + excluded.balance returning balance`
  const { rows } = await db.query<Row>(sql, [id, amount])
  assert.equal(typeof rows[0]?.balance, 'number', 'the type of an int4')
  keep(() => own.ledger.add(id, amount))
}

function added(own: Own, id: number, label: string, balance: number): void {
  own.ids.push(id)
  own.ledger.put(id, label, balance)
}

/** Statements that hold locks on rows that others want; a transaction takes at most one, as its last. */
export const SHARED: readonly Statement[] = [addShared, upsertShared]

export const OWN: readonly Statement[] = [
  readByKey,
  readWhole,
  readByLabel,
  readAggregate,
  setLabel,
  appendLabel,
  insertOne,
  insertMany,
  insertCopy,
  upsertOwn,
  changeInCte,
  deleteOne,
]
