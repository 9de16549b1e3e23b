import { pgliteAdapter } from './adapters/pglite-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(pgliteAdapter)
