import pg from 'pg'
import { quantile } from '../spread.ts'

/** The application beside a backfill: `url rows [columns that are read]`. It tells the p95 of its statements since it was last asked, in milliseconds. */
const [url = '', rows = '1', columns = 'id, name'] = process.argv.slice(2)
const CLIENTS = 4
/** Each pauses, so that the processors have room for something else. */
const PAUSE_MS = 20

const pool = new pg.Pool({ connectionString: url, max: CLIENTS })
let latencies: number[] = []
let running = true

async function client(): Promise<void> {
  while (running) {
    const id = 1 + Math.floor(Math.random() * Number(rows))
    const started = performance.now()
    if (Math.random() < 0.7) await pool.query(`select ${columns} from items where id = $1`, [id])
    else await pool.query('update items set note = $2 where id = $1', [id, `note ${started}`])
    latencies.push(performance.now() - started)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * PAUSE_MS))
  }
}

const clients = Array.from({ length: CLIENTS }, client)
process.on('message', async (ask: 'p95' | 'stop') => {
  if (ask === 'stop') {
    running = false
    await Promise.all(clients)
    await pool.end()
    process.disconnect()
    return
  }
  // A small backfill is over before a statement is.
  while (latencies.length === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  process.send?.({ p95: quantile(latencies, 0.95), count: latencies.length })
  latencies = []
})
