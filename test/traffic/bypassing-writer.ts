import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Ledger } from './ledger.ts'
import { firstOwnRow } from './schema.ts'

interface Account {
  readonly id: number
  readonly label: string
  readonly balance: number
}

/** Somebody who writes the table past the library, one side of the columns alone. */
export interface BypassingKind {
  /** As the server sees it: `application_name`. */
  readonly name: string
  readonly writes: 'old' | 'new'
  /** What its session begins with. */
  readonly session?: string
  insert(client: pg.Client, account: Account): Promise<unknown>
  update(client: pg.Client, account: Account): Promise<unknown>
}

const insertOld = (client: pg.Client, { id, label, balance }: Account) =>
  client.query('insert into accounts (id, label, balance) values ($1, $2, $3)', [id, label, balance])
const updateOld = (client: pg.Client, { id, label, balance }: Account) =>
  client.query('update accounts set label = $2, balance = $3 where id = $1', [id, label, balance])

/** A function of the database that writes the table, for one of the writers. */
export const PUT_ACCOUNT = `create function put_account(of_id int, of_label text, of_balance int) returns void language plpgsql as $$
  begin
    update accounts set label = of_label, balance = of_balance where id = of_id;
    if not found then insert into accounts (id, label, balance) values (of_id, of_label, of_balance); end if;
  end $$;`

const putAccount = (client: pg.Client, { id, label, balance }: Account) =>
  client.query('select put_account($1, $2, $3)', [id, label, balance])

async function copy(client: pg.Client, { id, label, balance }: Account): Promise<void> {
  await client.query('begin')
  await client.query('delete from accounts where id = $1', [id])
  const stream = client.query(copyFrom('copy accounts (id, label, balance) from stdin'))
  await pipeline([`${id}\t${label}\t${balance}\n`], stream)
  await client.query('commit')
}

/** Somebody at a keyboard: texts with their values in them. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const typedIn = (client: pg.Client, { id, label, balance }: Account) =>
  client.query(
    `insert into accounts (id, label, balance) values (${id}, ${text(label)}, ${balance}) on conflict (id) do update set label = excluded.label, balance = excluded.balance`,
  )

export const BYPASSING: readonly BypassingKind[] = [
  { name: 'old process', writes: 'old', insert: insertOld, update: updateOld },
  { name: 'COPY', writes: 'old', insert: copy, update: copy },
  { name: 'psql', writes: 'old', insert: typedIn, update: typedIn },
  { name: 'function', writes: 'old', insert: putAccount, update: putAccount },
  {
    ...{ name: 'replica session', writes: 'old', session: "set session_replication_role = 'replica'" },
    ...{ insert: insertOld, update: updateOld },
  },
]

/** A process of after the migration: it has to be stopped before the new columns go. */
export const NEW_PROCESS: BypassingKind = {
  name: 'new process',
  writes: 'new',
  insert: (client, { id, label, balance }) =>
    client.query('insert into accounts (id, title, balance_big) values ($1, $2, $3)', [id, label, balance]),
  update: (client, { id, label, balance }) =>
    client.query('update accounts set title = $2, balance_big = $3 where id = $1', [id, label, balance]),
}

export interface BypassingOptions {
  readonly url: string
  readonly kind: BypassingKind
  /** Two writers have rows of their own, and none of a worker's. */
  readonly index: number
  readonly ledger: Ledger
  readonly onFailure: (error: unknown) => void
}

const ROWS = 20

/** One after the other, writes rows of its own. */
export class BypassingWriter {
  written = 0
  readonly #options: BypassingOptions
  readonly #ids: number[] = []
  #last: number
  #running = true
  readonly #done: Promise<void>

  constructor(options: BypassingOptions) {
    this.#options = options
    this.#last = firstOwnRow(options.index)
    this.#done = this.#work()
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#done
  }

  async #work(): Promise<void> {
    const { url, kind, onFailure } = this.#options
    const client = new pg.Client({ connectionString: url, application_name: kind.name })
    client.on('error', onFailure)
    await client.connect()
    if (kind.session !== undefined) await client.query(kind.session)
    while (this.#running) {
      await this.#write(client).catch(onFailure)
      this.written++
      await sleep(2)
    }
    await client.end()
  }

  async #write(client: pg.Client): Promise<void> {
    const { kind, ledger } = this.#options
    const isNew = this.#ids.length < ROWS
    const id = isNew ? ++this.#last : (this.#ids[Math.floor(Math.random() * ROWS)] ?? 0)
    const account = { id, label: `${kind.name} ${this.written}`, balance: this.written }
    await (isNew ? kind.insert(client, account) : kind.update(client, account))
    ledger.put(id, account.label, account.balance)
    if (isNew) this.#ids.push(id)
  }
}
