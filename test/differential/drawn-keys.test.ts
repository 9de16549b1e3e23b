import { describeWorld } from './scenarios/describe-scenario.ts'
import { drawnKeys } from './scenarios/drawn-keys.ts'

describeWorld(drawnKeys({ key: 'always', app: 'old' }))
describeWorld(drawnKeys({ key: 'by default', app: 'old' }), 'the newest')
describeWorld(drawnKeys({ key: 'serial', app: 'old' }), 'the newest')
describeWorld(drawnKeys({ key: 'always', app: 'new' }), 'the newest')
describeWorld(drawnKeys({ key: 'by default', app: 'new' }))
describeWorld(drawnKeys({ key: 'serial', app: 'new' }), 'the newest')
