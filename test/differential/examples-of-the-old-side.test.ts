import { describeExamples } from './describe-examples.ts'

describeExamples('old')
