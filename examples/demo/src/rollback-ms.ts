import type { Client } from 'pg'

/** How long each way back took, by the phase that it led out of, as the timeline has it; from `dropped` it is the restore. */
export async function rollbackMs(db: Client): Promise<Readonly<Record<string, number>>> {
  const { rows } = await db.query<{ phase: string; ms: string }>(
    `select coalesce(figures ->> 'from', 'dropped') as phase, max((figures ->> 'ms')::numeric) as ms
     from expand_contract.events where kind in ('rolled-back', 'restored') group by 1 order by min(id)`,
  )
  return Object.fromEntries(rows.map(({ phase, ms }) => [phase, Math.round(Number(ms))]))
}
