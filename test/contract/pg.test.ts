import { pgAdapter } from './adapters/pg-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(pgAdapter)
