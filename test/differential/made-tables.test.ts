import { describeScenario } from './scenarios/describe-scenario.ts'
import { madeTables } from './scenarios/made-tables.ts'

// Every CREATE TABLE has the catalog read again, which takes its time.
describeScenario(madeTables, 'the newest')
