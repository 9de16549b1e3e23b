import { describeScenario } from './scenarios/describe-scenario.ts'
import { rowFunctions } from './scenarios/row-functions.ts'

describeScenario(rowFunctions)
