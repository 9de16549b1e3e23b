import type { RunnerClient } from '../runner-client.ts'

/**
 * A client for what looks at rows: each query is a transaction of its own, in which row security raises instead of hiding rows. A plain
 * SET would stay with a connection that a pooler hands to an application, and be missing from the one that the next query gets.
 */
export const seeingAllRows = (client: RunnerClient): RunnerClient => ({
  async query(text, values) {
    await client.query('BEGIN READ ONLY; SET LOCAL row_security = off')
    try {
      const result = await client.query(text, values)
      await client.query('COMMIT')
      return result
    } catch (error) {
      // The connection may be what has failed; the first error is the one to know.
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  },
})
