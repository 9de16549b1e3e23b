import type { Runtime, RuntimeOptions } from '@expand-contract/core'
import { newestMajor } from '../support/postgres.ts'
import { createServerDatabase, type ScriptDatabase, type ServerDatabase } from '../support/server-database.ts'

/** A row of `people` as the application knows it. */
export interface Person {
  readonly id: number
  readonly name: string
  readonly cents: number
}

export type NewPerson = Omit<Person, 'id'>

/**
 * What an application does with its data, in the adapter's own idiom: entities, query builders, SQL. Inside a transaction
 * the same, on its connection.
 */
export interface ContractSession {
  /** Inserts one row, and resolves to it as the database returns it. */
  add(person: NewPerson): Promise<Person>
  /** Inserts all rows in one statement. */
  addAll(people: readonly NewPerson[]): Promise<void>
  find(id: number): Promise<Person | undefined>
  /** The people whose name begins with a text, by name. */
  named(prefix: string): Promise<readonly Person[]>
  /** The people with a pet, by the pet's name: a join, or what the adapter has for it. */
  owners(): Promise<readonly { readonly pet: string; readonly owner: string }[]>
  /** Sets a value; resolves to the number of rows. */
  rename(id: number, name: string): Promise<number>
  /** Adds to the cents of a person in SQL (`cents = cents + $1`). */
  pay(id: number, cents: number): Promise<void>
  remove(id: number): Promise<number>
  /** SQL text as the application writes it, with `$1`: rows as objects. */
  sql(text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Runs `work` in a transaction, or in a savepoint where there is one; an error rolls it back, and is passed on. */
  transaction<T>(work: (session: ContractSession) => Promise<T>): Promise<T>
}

export interface ContractConnection extends ContractSession {
  readonly runtime: Runtime
  /** All people by id, row by row. Not called where the adapter cannot. */
  stream(): AsyncIterable<Person>
  close(): Promise<void>
}

export interface ContractSetting<Database> {
  readonly database: Database
  readonly catalogRefreshMs: number
  /** For `createRuntime`; the migrations are the adapter's, declared in its own way. */
  readonly runtime: Omit<RuntimeOptions, 'migrations'>
}

/** What the application declares: nothing migrates yet, both columns do, or the new columns have taken over. */
export type Declared = 'before' | 'migrating' | 'after'

/** Parts of the contract that an adapter may be unable to do. */
export type ContractPart = 'stream' | 'generate'

/**
 * One way to use expand-contract. The adapter declares two migrations of `people` (see contract-schema.ts), and is judged by
 * describe-contract.ts. To add one: implement this, and write a test file of three lines.
 */
export interface ContractAdapter<Database extends ScriptDatabase = ServerDatabase> {
  readonly name: string
  /** Why the adapter cannot do a part; the reason is printed where it is skipped. */
  readonly cannot: Partial<Readonly<Record<ContractPart, string>>>
  /** A database that starts with a script. */
  createDatabase(script: string): Promise<Database>
  open(setting: ContractSetting<Database>): Promise<ContractConnection>
  /** The statements that the ORM's own tool would run to bring a database to what is declared. Not called where it cannot. */
  generate(database: Database, declared: Declared): Promise<readonly string[]>
}

/** On the newest PostgreSQL of this run. */
export const onNewestServer = (script: string): Promise<ServerDatabase> => createServerDatabase(newestMajor(), script)
