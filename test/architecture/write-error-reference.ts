import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ERROR_REFERENCE, errorReference } from './error-reference.ts'
import { ROOT } from './workspace.ts'

const file = join(ROOT, ERROR_REFERENCE)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, await errorReference())
console.log(`wrote ${ERROR_REFERENCE}`)
