import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

interface Parser {
  loadModule(): Promise<void>
  parseSync(text: string): unknown
}

/** The parser that `@expand-contract/sql` uses, without anything of that package. */
const parser = createRequire(fileURLToPath(import.meta.resolve('@expand-contract/sql')))('libpg-query') as Parser
await parser.loadModule()

export const parseAlone = (text: string): unknown => parser.parseSync(text)
