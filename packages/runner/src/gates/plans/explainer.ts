import type { RunnerClient } from '../../runner-client.ts'
import { sqlState } from '../../runner-error.ts'
import { parameterCount } from './explainable-text.ts'
import type { PlanNode } from './plan-node.ts'

/** A generic plan, or why PostgreSQL makes none. */
export type Explained =
  | { readonly plan: PlanNode; readonly reason?: undefined }
  | { readonly plan?: undefined; readonly reason: string }

const STATEMENT_TIMEOUT_MS = 5_000
const SAVEPOINT = 'expand_contract_plan'
const NAME = 'expand_contract_plan'

const SETTINGS = `SELECT pg_catalog.set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}ms', true),
  pg_catalog.set_config('lock_timeout', '200ms', true), pg_catalog.set_config('standard_conforming_strings', 'on', true),
  pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true),
  pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', pg_catalog.quote_ident((
      SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_catalog.to_regclass($1)::pg_catalog.oid)), nullif(pg_catalog.current_setting('search_path'), '')), true),
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version`

const REASONS: Readonly<Record<string, string>> = {
  '42501': 'the role may not use what it names',
  '42P01': 'a table that it names is not there',
  '42703': 'a column that it names is not there',
  '42883': 'the types of its parameters cannot be inferred, or a function is not there',
  '42P18': 'the types of its parameters cannot be inferred',
  '42725': 'the types of its parameters cannot be inferred',
  '42804': 'the types of its parameters cannot be inferred',
  '42846': 'the types of its parameters cannot be inferred',
  '42P08': 'the types of its parameters cannot be inferred',
  '42803': 'it groups by a position, which is recorded as a value',
  '42601': 'it cannot be written with parameters in place of its values',
  '57014': `planning took longer than ${STATEMENT_TIMEOUT_MS / 1_000} s`,
  '55P03': 'a table that it names is locked',
}

export type Explain = (text: string) => Promise<Explained>

/**
 * Runs `work` in a transaction that can write nothing and is rolled back. `explain` plans one statement without values: nothing of it is
 * executed, and the locks of planning are given back at once. The schema of the table comes first on the search path.
 */
export async function withExplainer<T>(
  client: RunnerClient,
  table: string,
  work: (explain: Explain) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY')
  try {
    const { rows } = await client.query(SETTINGS, [table])
    const generic = Number(rows[0]?.version) >= 160_000
    await client.query(`SAVEPOINT ${SAVEPOINT}`)
    return await work(async (text) => {
      let prepared = false
      try {
        if (generic) return { plan: planOf(await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`)) }
        await client.query(`PREPARE ${NAME} AS ${text}`)
        prepared = true
        const values = Array.from({ length: parameterCount(text) }, () => 'NULL').join(', ')
        return { plan: planOf(await client.query(`EXPLAIN (FORMAT JSON) EXECUTE ${NAME}${values && `(${values})`}`)) }
      } catch (error) {
        const state = sqlState(error)
        if (state === undefined) throw error
        return { reason: REASONS[state] ?? `PostgreSQL answered ${state}` }
      } finally {
        await client.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`)
        // It is no part of the transaction.
        if (prepared) await client.query(`DEALLOCATE ${NAME}`)
      }
    })
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

function planOf({ rows }: Awaited<ReturnType<RunnerClient['query']>>): PlanNode {
  const found: unknown = rows[0]?.['QUERY PLAN']
  const parsed = (typeof found === 'string' ? JSON.parse(found) : found) as readonly { readonly Plan: PlanNode }[]
  const [first] = parsed
  if (first === undefined) throw new RangeError('EXPLAIN answered no plan')
  return first.Plan
}
