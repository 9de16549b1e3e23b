import { setTimeout as sleep } from 'node:timers/promises'
import type { Phase } from '@expand-contract/core'
import pg from 'pg'
import { type Application, CATALOG_REFRESH_MS } from './application.ts'
import { SHARED_ROWS } from './schema.ts'

const BACKFILL = {
  new: `update accounts set title = label, balance_big = balance
        where id = any($1) and (title, balance_big) is distinct from (label, balance::int8)`,
  old: `update accounts set label = title, balance = balance_big
        where id = any($1) and (title, balance_big) is distinct from (label, balance::int8)`,
} as const

const ADD = {
  new: ['add column title text', 'add column balance_big int8', 'alter column balance_big set default 0'],
  old: ['add column label text', 'add column balance int', 'alter column balance set default 0'],
} as const

const DROP = {
  new: ['drop column title', 'drop column balance_big'],
  old: ['drop column label', 'drop column balance'],
} as const

/** What the witness row says on each side. */
const WITNESS = { new: "title = 'new', balance_big = 2", old: "label = 'old', balance = 1" } as const

/** Moves the columns and the phases, on a plain connection, with the waits that an operator has to keep. */
export class Operator {
  readonly #db: pg.Client
  readonly #applications: readonly Application[]

  constructor(db: pg.Client, applications: readonly Application[]) {
    this.#db = db
    this.#applications = applications
  }

  async addColumns(side: 'old' | 'new'): Promise<void> {
    for (const change of ADD[side]) await this.#alter(change)
  }

  async dropColumns(side: 'old' | 'new'): Promise<void> {
    for (const change of DROP[side]) await this.#alter(change)
  }

  /** What is no longer written must not have to be. */
  async letOldBeEmpty(): Promise<void> {
    await this.#alter('alter column label drop not null, alter column balance drop not null')
  }

  /** One application after the other, never two phases apart; then until nobody works by the phase before. */
  async moveTo(phase: Phase): Promise<void> {
    for (const application of this.#applications) {
      application.setPhase(phase)
      await sleep(100)
    }
    await this.settled()
  }

  async setFlags(enabled: boolean): Promise<void> {
    for (const application of this.#applications) application.setFlags(enabled)
    await this.settled()
  }

  /** Flips the flags of all applications every 50 ms, by chance and each on its own, until it is stopped. */
  flipFlags(): () => void {
    const flipping = setInterval(() => {
      for (const application of this.#applications) application.shuffleFlags()
    }, 50)
    return () => clearInterval(flipping)
  }

  /** One lease, so that all know the columns; then until what is under way, and may know less, is over. */
  async settled(): Promise<void> {
    await sleep(CATALOG_REFRESH_MS)
    await Promise.all(this.#applications.map((application) => application.settled()))
  }

  /** Copies one side to the other under traffic, and lets the witness row tell that side. */
  async backfill(side: 'old' | 'new'): Promise<void> {
    const { rows } = await this.#db.query<{ id: number }>('select id from accounts where id > 0 order by id')
    for (let from = 0; from < rows.length; ) {
      // One at a time of the rows that all want: a batch that holds some and waits for others could meet a transaction
      // that holds those others.
      const size = from < SHARED_ROWS ? 1 : 50
      await this.#db.query(BACKFILL[side], [rows.slice(from, from + size).map(({ id }) => id)])
      from += size
    }
    await this.#db.query(`update accounts set ${WITNESS[side]} where id = 0`)
  }

  /** Rows whose two sides differ, apart from the witness: in one statement, so in one snapshot, while others write. */
  async mismatched(): Promise<readonly unknown[]> {
    const sql = `select * from accounts
                 where id > 0 and (title is distinct from label or balance_big is distinct from balance) limit 5`
    return (await this.#db.query(sql)).rows
  }

  /** An ALTER TABLE under traffic waits for its lock 200 ms at a time, since all others queue behind it. */
  #alter(change: string): Promise<void> {
    return this.locked(`alter table accounts ${change}`)
  }

  /** The same for any text. */
  async locked(text: string): Promise<void> {
    const end = performance.now() + 120_000
    for (;;) {
      try {
        await this.#db.query(`set lock_timeout = '200ms'; ${text}; reset lock_timeout`)
        return
      } catch (error) {
        const lockNotAvailable = error instanceof pg.DatabaseError && error.code === '55P03'
        if (!lockNotAvailable || performance.now() > end) throw error
        await sleep(20 + Math.random() * 50)
      }
    }
  }
}
