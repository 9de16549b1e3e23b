import pg from 'pg'
import { pgAdapter } from './adapters/pg-adapter.ts'
import { pgliteAdapter } from './adapters/pglite-adapter.ts'
import { postgresJsAdapter } from './adapters/postgres-js-adapter.ts'
import { withDatabasePhases } from './adapters/with-database-phases.ts'
import { describeContract } from './describe-contract.ts'

const pooled = ({ url }: { readonly url: string }): pg.Pool => new pg.Pool({ connectionString: url, max: 1 })

describeContract(withDatabasePhases(pgAdapter, pooled))
describeContract(withDatabasePhases(postgresJsAdapter, pooled))
describeContract(withDatabasePhases(pgliteAdapter, ({ pglite }) => pglite))
