import { columnOrders } from './scenarios/column-orders.ts'
import { describeWorld } from './scenarios/describe-scenario.ts'

describeWorld(columnOrders())
