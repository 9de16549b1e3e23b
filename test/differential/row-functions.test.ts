import { describeWorld } from './worlds/describe-world.ts'
import { rowFunctions } from './worlds/row-functions.ts'

describeWorld(rowFunctions)
