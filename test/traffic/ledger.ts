import assert from 'node:assert/strict'

/** What the rows have to be, kept by the workers beside what they send. */
export class Ledger {
  /** Rows that one worker alone changes. */
  readonly #own = new Map<number, { readonly label: string; readonly balance: number }>()
  /** Sums of what was added to the rows that all change. */
  readonly #added = new Map<number, number>()

  put(id: number, label: string, balance: number): void {
    this.#own.set(id, { label, balance })
  }

  remove(id: number): void {
    this.#own.delete(id)
  }

  row(id: number): { readonly label: string; readonly balance: number } {
    const row = this.#own.get(id)
    assert(row, `row ${id} is not in the ledger`)
    return row
  }

  add(id: number, amount: number): void {
    this.#added.set(id, (this.#added.get(id) ?? 0) + amount)
  }

  /** Rows whose content is not what was written, with what is wrong; `rows` are all but the witness. */
  differences(rows: readonly { readonly id: number; readonly label: string; readonly balance: number }[]): string[] {
    const found = new Map(rows.map((row) => [row.id, row]))
    const wrong: string[] = []
    for (const [id, amount] of this.#added) {
      const row = found.get(id)
      if (row?.balance !== amount) wrong.push(`shared row ${id}: balance ${row?.balance}, not ${amount}`)
    }
    for (const [id, { label, balance }] of this.#own) {
      const row = found.get(id)
      if (row === undefined) wrong.push(`row ${id} is missing`)
      else if (row.label !== label || row.balance !== balance)
        wrong.push(`row ${id}: (${row.label}, ${row.balance}), not (${label}, ${balance})`)
    }
    for (const { id } of rows)
      if (id >= 1_000_000 && !this.#own.has(id))
        wrong.push(`row ${id} is there, although it was deleted or rolled back`)
    return wrong
  }
}
