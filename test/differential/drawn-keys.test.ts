import { describeScenario } from './scenarios/describe-scenario.ts'
import { drawnKeys } from './scenarios/drawn-keys.ts'

describeScenario(drawnKeys({ key: 'always', app: 'old' }))
describeScenario(drawnKeys({ key: 'by default', app: 'old' }), 'the newest')
describeScenario(drawnKeys({ key: 'serial', app: 'old' }), 'the newest')
describeScenario(drawnKeys({ key: 'always', app: 'new' }), 'the newest')
describeScenario(drawnKeys({ key: 'by default', app: 'new' }))
describeScenario(drawnKeys({ key: 'serial', app: 'new' }), 'the newest')
