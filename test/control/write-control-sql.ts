import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../architecture/workspace.ts'
import { CONTROL_SQL_MODULE, controlSqlModule } from './control-files.ts'

const file = join(ROOT, CONTROL_SQL_MODULE)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, controlSqlModule())
console.log(`wrote ${CONTROL_SQL_MODULE}`)
