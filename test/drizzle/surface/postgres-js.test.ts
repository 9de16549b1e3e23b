import { describeSurface } from './describe-surface.ts'
import { postgresJsDriver } from './drivers/postgres-js-driver.ts'

describeSurface(postgresJsDriver)
