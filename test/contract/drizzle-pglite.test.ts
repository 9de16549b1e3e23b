import { drizzlePGliteAdapter } from './adapters/drizzle-pglite-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(drizzlePGliteAdapter)
