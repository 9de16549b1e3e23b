import { describeWorld } from './scenarios/describe-scenario.ts'
import { parts } from './scenarios/parts.ts'

describeWorld(parts)
