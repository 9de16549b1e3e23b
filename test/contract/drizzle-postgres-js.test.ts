import { drizzlePostgresJsAdapter } from './adapters/drizzle-postgres-js-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(drizzlePostgresJsAdapter)
