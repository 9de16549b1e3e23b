import type { LifeApplication } from '../life/applications/life-application.ts'
import { insertSql, type LifeModel, type ModelTable, rowOf, updateSql } from '../life/life-model.ts'

export interface LoadedApplicationParts {
  readonly name: string
  readonly application: LifeApplication
  readonly model: LifeModel
  /** Applications have rows of their own. */
  readonly index: number
  readonly onFailure: (text: string) => void
}

/** So many rows are its own at once; older ones go. */
const KEPT = 40

/** A process of an application under load: two at once send statements in its idiom, each compares what it is given with what it has written. */
export class LoadedApplication {
  readonly name: string
  statements = 0
  rounds = 0
  readonly #parts: LoadedApplicationParts
  /** Of each row that is there: the number of the value that it has. */
  readonly #rows = new Map<number, number>()
  #last: number
  #running = true
  readonly #done: Promise<unknown>

  constructor(parts: LoadedApplicationParts) {
    this.#parts = parts
    this.name = parts.name
    this.#last = (parts.index + 1) * 1_000_000
    this.#done = Promise.all([this.#work(), this.#work()])
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#done
  }

  async #work(): Promise<void> {
    const own: number[] = []
    while (this.#running)
      try {
        for (const table of this.#parts.model.tables) await this.#round(table, own)
        this.rounds++
        // A processor of its own for each is more than test machines have.
        await new Promise((resolve) => setTimeout(resolve, 5))
      } catch (error) {
        const { code, message } = error as { readonly code?: string; readonly message: string }
        this.#parts.onFailure(`${this.name}: ${code} ${message}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
  }

  async #round(table: ModelTable, own: number[]): Promise<void> {
    const nr = ++this.#last
    await this.#send((app) => app.insert(table, [rowOf(table, nr)]))
    this.#rows.set(nr, nr)
    own.push(nr)
    await this.#reads(table, nr)
    const other = own[nr % own.length] ?? nr
    const value = ++this.#last
    const changed = await this.#send((app) => app.set(table, other, table.change.value(value).old))
    if (changed !== 1) throw new Error(`${changed} rows were changed`)
    this.#rows.set(other, value)
    await this.#reads(table, other)
    const [first] = own
    if (first === undefined || own.length <= KEPT) return
    const removed = await this.#send((app) => app.remove(table, first))
    if (removed !== 1) throw new Error(`${removed} rows were removed`)
    own.shift()
    this.#rows.delete(first)
  }

  /** It is found by what it was given, with all of that. */
  async #reads(table: ModelTable, nr: number): Promise<void> {
    const { old } = table.change.value(this.#rows.get(nr) ?? nr)
    const rows = await this.#send((app) => app.where(table, old))
    const found = rows.map((row) => Object.fromEntries(['nr', ...Object.keys(old)].map((name) => [name, row[name]])))
    if (JSON.stringify(found) !== JSON.stringify([{ nr, ...old }]))
      throw new Error(`row ${nr} reads ${JSON.stringify(found)}`)
  }

  #send<T>(send: (application: LifeApplication) => Promise<T>): Promise<T> {
    this.statements++
    return send(this.#parts.application)
  }

  /** What a process of before the migration would have written, for the rows that are there. */
  twinSql(twin: ModelTable): readonly string[] {
    const { place } = this.#parts.model
    return [...this.#rows].flatMap(([nr, value]) => [
      insertSql(place, twin, nr, 'old'),
      ...(value === nr ? [] : [updateSql(place, twin, { nr, value, side: 'old' })]),
    ])
  }
}
