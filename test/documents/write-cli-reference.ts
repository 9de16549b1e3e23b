import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../architecture/workspace.ts'
import { CLI_REFERENCES } from './cli-reference.ts'

for (const [file, text] of Object.entries(CLI_REFERENCES)) {
  writeFileSync(join(ROOT, file), text())
  console.log(`wrote ${file}`)
}
