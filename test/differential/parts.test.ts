import { describeWorld } from './worlds/describe-world.ts'
import { parts } from './worlds/parts.ts'

describeWorld(parts)
