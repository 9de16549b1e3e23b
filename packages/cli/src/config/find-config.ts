import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `expand-contract.config.${extension}`)

/** The configuration of a folder: in it, or in one above it, up to the first with a package.json. */
export function findConfig(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = NAMES.map((name) => join(at, name)).find((file) => existsSync(file))
    if (found !== undefined) return found
    if (existsSync(join(at, 'package.json')) || dirname(at) === at) return undefined
  }
}
