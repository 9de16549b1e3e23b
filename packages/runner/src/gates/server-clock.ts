import type { Control } from '@expand-contract/control'

/** What recorded times are compared with. */
export async function serverClock({ client }: Control): Promise<Date> {
  const { rows } = await client.query('SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::text AS now')
  return new Date(Number(Object(rows[0]).now))
}
