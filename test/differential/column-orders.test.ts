import { columnOrders } from './scenarios/column-orders.ts'
import { describeScenario } from './scenarios/describe-scenario.ts'

describeScenario(columnOrders())
