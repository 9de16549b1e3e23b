import { describeSurface } from './describe-surface.ts'
import { nodePostgresDriver } from './drivers/node-postgres-driver.ts'

describeSurface(nodePostgresDriver)
