import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// All public packages have one version; these are the places where the code says it.
for (const name of ['session', 'control']) {
  const folder = join(import.meta.dirname, '../../packages', name)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const file = join(folder, 'src/version.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/'.*'/u, `'${version}'`))
}
