import { typeormAdapter } from './adapters/typeorm-adapter.ts'
import { describeContract } from './describe-contract.ts'

describeContract(typeormAdapter)
