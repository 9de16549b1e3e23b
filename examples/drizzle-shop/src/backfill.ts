import pg from 'pg'

/** Rows from before Stage 1 get their new values, a thousand at a time. Safe to stop, and to run again. */
const BATCHES = [
  `update customers set full_name = name
   where id in (select id from customers where full_name is distinct from name order by id limit 1000)`,
  `update orders set total_cents = cents
   where id in (select id from orders where total_cents is distinct from cents order by id limit 1000)`,
]

// A connection of its own, which knows of no migration: it writes the new column and nothing else.
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
for (const batch of BATCHES) while (((await client.query(batch)).rowCount ?? 0) > 0);
await client.end()
