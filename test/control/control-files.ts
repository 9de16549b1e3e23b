import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../architecture/workspace.ts'

const FOLDER = join(ROOT, 'packages/control/sql')

/** The module that the numbered files are compiled into: libraries read no files. */
export const CONTROL_SQL_MODULE = 'packages/control/src/generated/control-sql.ts'

export function controlSqlModule(): string {
  const files = readdirSync(FOLDER).sort()
  const entries = files.map((file, index) => {
    const [, version, name] = /^(\d{6})-([a-z0-9-]+)\.sql$/u.exec(file) ?? []
    const text = readFileSync(join(FOLDER, file), 'utf8')
    const [, breaking] = /^-- breaking: (no|yes)\n/u.exec(text) ?? []
    if (name === undefined || breaking === undefined || Number(version) !== index + 1)
      throw new Error(`${file} is not named 00000n-name.sql in order, or does not begin with "-- breaking: no" or yes`)
    const sql = text.slice(text.indexOf('\n') + 1)
    return `  {
    version: ${index + 1},
    name: '${name}',
    breaking: ${breaking === 'yes'},
    sql: \`${sql.replaceAll(/[\\`]|\$\{/gu, '\\$&')}\`,
  },`
  })
  return `// Generated from packages/control/sql by \`pnpm control:sql\`. Do not edit.
// Longer than 300 lines: it is made of all files.
import type { ControlFile } from '../install/control-file.ts'

export const CONTROL_FILES: readonly ControlFile[] = [
${entries.join('\n')}
]
`
}
