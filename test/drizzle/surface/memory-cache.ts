import { getTableName, is, Table } from 'drizzle-orm'
import { Cache, type MutationOption } from 'drizzle-orm/cache/core'

/** A cache of Drizzle for everything, in memory, that tells what was asked of it. */
class MemoryCache extends Cache {
  readonly events: string[] = []
  readonly #responses = new Map<string, { readonly response: never; readonly tables: readonly string[] }>()

  override strategy(): 'all' {
    return 'all'
  }

  override async get(key: string): Promise<never | undefined> {
    const known = this.#responses.get(key)
    this.events.push(known === undefined ? 'miss' : 'hit')
    return known?.response
  }

  override async put(key: string, response: never, tables: string[]): Promise<void> {
    this.events.push(`put ${tables.join()}`)
    this.#responses.set(key, { response, tables })
  }

  override async onMutate({ tables = [] }: MutationOption): Promise<void> {
    const names = [tables].flat().map((table) => (is(table, Table) ? getTableName(table) : String(table)))
    this.events.push(`write ${names.join()}`)
    for (const [key, known] of this.#responses)
      if (known.tables.some((table) => names.includes(table))) this.#responses.delete(key)
  }
}

export const memoryCache = (): MemoryCache => new MemoryCache()
