import { drizzleAdapter } from './adapters/drizzle-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(drizzleAdapter)
