import { describeScenario } from './scenarios/describe-scenario.ts'
import { parts } from './scenarios/parts.ts'

describeScenario(parts)
