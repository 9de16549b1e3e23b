import { columnOrders } from './worlds/column-orders.ts'
import { describeWorld } from './worlds/describe-world.ts'

describeWorld(columnOrders())
