import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { SUPPORTED_MAJORS } from '../support/postgres-server.ts'
import { startPostgres } from '../support/start-postgres.ts'
import { type BuiltIn, builtIns } from './stable-functions.ts'

/** Run it when a major is added: `npx pnpm --filter @expand-contract/test functions:write`. What it writes is proven on every run by stable-functions.test.ts. */
const FILE = join(import.meta.dirname, '../../packages/sql/src/stable-functions.ts')
const WIDTH = 118

const found: BuiltIn[] = []
for (const major of SUPPORTED_MAJORS) {
  const server = await startPostgres({ major })
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  found.push(...(await builtIns(client)))
  await client.end()
  await server.stop()
}
const names = [...new Set(found.map(({ name }) => name))].sort()
const of = (name: string): readonly BuiltIn[] => found.filter((one) => one.name === name)
const stable = names.filter((name) => of(name).every((one) => one.stable) && of(name).some((one) => one.useful))

const lines = ['']
for (const name of stable) {
  const last = lines.at(-1) ?? ''
  if (`${last} ${name}`.length > WIDTH) lines.push(`  ${name}`)
  else lines[lines.length - 1] = `${last || ' '} ${name}`
}

writeFileSync(
  FILE,
  `/**
 * Functions of pg_catalog that have one value for the same arguments throughout a statement: of these names none is
 * volatile, an aggregate or set-returning in any supported major. Written by test/sql/write-stable-functions.ts.
 */
export const STABLE_FUNCTIONS: ReadonlySet<string> = new Set(
  \`
${lines.join('\n')}
\`
    .trim()
    .split(/\\s+/u),
)
`,
)
console.log(`wrote ${stable.length} names`)
