import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// All public packages have one version; this is the one place where the code says it.
const folder = join(import.meta.dirname, '../../packages/session')
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
const file = join(folder, 'src/version.ts')
writeFileSync(file, readFileSync(file, 'utf8').replace(/'.*'/u, `'${version}'`))
