import { coldPathScenarios } from './cold-path-scenarios.ts'
import { controlScenarios } from './control-scenarios.ts'
import { dualWriteScenarios } from './dual-write-scenarios.ts'
import { ormScenarios } from './orm-scenarios.ts'
import { overheadScenarios } from './overhead-scenarios.ts'
import type { Scenario } from './scenario.ts'

export const scenarios: readonly Scenario[] = [
  ...overheadScenarios,
  ...controlScenarios,
  ...dualWriteScenarios,
  ...ormScenarios,
  ...coldPathScenarios,
]
