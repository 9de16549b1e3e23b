import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'valibot'
import { describe, expect, it } from 'vitest'
import { lineSchema } from './json.ts'
import { isOldNode, oldNodeText } from './node-version.ts'

it.each([
  ...[{ node: '16.20.2' }, { node: '20.19.0' }, { node: '22.14.0' }, {}].map((versions) => [versions, true] as const),
  ...[{ node: '22.15.0' }, { node: '23.0.0' }, { node: '24.21.0' }, { node: '22.6.0', bun: '1.3.0' }].map(
    (versions) => [versions, false] as const,
  ),
])('%j is too old: %s', (versions, old) => {
  expect(isOldNode(versions)).toBe(old)
})

describe('what it says', () => {
  it('is the version that is needed, and the one that runs', () => {
    const { stdout, stderr } = oldNodeText({ version: 'v20.1.0', argv: ['status'] })
    expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^EC_NODE: .*22\.15.*v20\.1\.0.*\n {2}\S.*\n$/u)])
  })

  it('is a result with --json', () => {
    const { stdout, stderr } = oldNodeText({ version: 'v20.1.0', argv: ['--json', 'status', 'x'] })
    expect(stderr).toBe('')
    expect(parse(lineSchema, JSON.parse(stdout))).toMatchObject({
      ...{ type: 'result', command: 'status', exitCode: 2, error: { code: 'EC_NODE' } },
    })
  })
})

it('is asked ahead of everything else', () => {
  // What a module imports is loaded ahead of it: of that, nothing may be more than what an old Node knows.
  const imported = new Set<string>()
  const follow = (file: string): void => {
    if (imported.has(file)) return
    imported.add(file)
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type\b)[^'"]*from '([^']+)'/gmu))
      follow(specifier.startsWith('.') ? join(file, '..', specifier) : specifier)
  }
  follow('main.ts')
  expect([...imported].sort()).toEqual(['exit-codes.ts', 'json/result-json.ts', 'main.ts', 'node-version.ts'])
})
