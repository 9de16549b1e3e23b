import { describeWorld } from './worlds/describe-world.ts'
import { madeTables } from './worlds/made-tables.ts'

// Every CREATE TABLE has the catalog read again, which takes its time.
describeWorld(madeTables, 'the newest')
