import { queryServer } from '../../support/query-server.ts'

/** The columns of both tables with their types. */
export async function columnsOf(databaseUrl: string): Promise<Readonly<Record<string, string>>> {
  const { rows } = await queryServer(
    databaseUrl,
    `select attname, format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
       || case when atthasdef then ' default' else '' end as type
     from pg_attribute where attrelid in ('users'::regclass, 'crm.orders'::regclass) and attnum > 0 and not attisdropped`,
  )
  return Object.fromEntries(rows.map(({ attname, type }) => [attname, type]))
}
