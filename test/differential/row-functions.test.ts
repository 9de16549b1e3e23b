import { describeWorld } from './scenarios/describe-scenario.ts'
import { rowFunctions } from './scenarios/row-functions.ts'

describeWorld(rowFunctions)
