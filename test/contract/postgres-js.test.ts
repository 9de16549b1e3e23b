import { postgresJsAdapter } from './adapters/postgres-js-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(postgresJsAdapter)
