import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HAZARD_REFERENCE, hazardReference } from './hazard-reference.ts'
import { ROOT } from './workspace.ts'

writeFileSync(join(ROOT, HAZARD_REFERENCE), hazardReference())
console.log(`wrote ${HAZARD_REFERENCE}`)
