import type { ClientBase, Pool } from 'pg'

type Sides = readonly ['old' | 'new', 'old' | 'new']

/** Where the two columns of the witness row came from: what PostgreSQL returned, not what anybody reports. */
async function readSides(db: Pool | ClientBase): Promise<Sides> {
  const { rows } = await db.query<{ label: string; balance: number }>(
    'select label, balance from accounts where id = 0',
  )
  const [row] = rows
  const known = rows.length === 1 && (row?.label === 'old' || row?.label === 'new') && [1, 2].includes(row.balance)
  if (!known) throw new Error(`the witness row is ${JSON.stringify(rows)}`)
  return [row.label as 'old' | 'new', row.balance === 1 ? 'old' : 'new']
}

/** Counts from which side requests and transactions read, and those that read both. */
export class Witness {
  readonly mixed: string[] = []
  /** Columns read by finished units since `take`, by the side they came from. */
  reads = { old: 0, new: 0 }

  /** Runs `work` between readings, as one unit that has to see one side of each column throughout. */
  async unit(kind: string, db: Pool | ClientBase, work: (reread: () => Promise<void>) => Promise<void>): Promise<void> {
    const first = await readSides(db)
    const reread = async (): Promise<void> => {
      const again = await readSides(db)
      if (again[0] !== first[0] || again[1] !== first[1]) this.mixed.push(`${kind}: ${first} and ${again}`)
    }
    await work(reread)
    await reread()
    for (const side of first) this.reads[side]++
  }

  /** The readings since the last call. */
  take(): { readonly old: number; readonly new: number } {
    const { reads } = this
    this.reads = { old: 0, new: 0 }
    return reads
  }
}
