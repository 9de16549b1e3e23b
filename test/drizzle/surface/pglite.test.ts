import { describeSurface } from './describe-surface.ts'
import { pgliteDriver } from './drivers/pglite-driver.ts'

describeSurface(pgliteDriver)
