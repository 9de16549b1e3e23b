import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packages, read, repositoryFiles } from './workspace.ts'

const files = repositoryFiles()
const code = files.filter((file) => /\.(?:ts|js|mts|mjs)$/u.test(file))

describe('file names', () => {
  it('say what is in the file', () => {
    const grabBag = /(?:^|\/)(?:utils?|helpers?|lib|common|types|misc|shared)(?:[/.]|$)|-(?:utils?|helpers?)\./u
    expect(files.filter((file) => grabBag.test(file))).toEqual([])
  })
})

/** Longer than the limit, and why one file is right. */
const LONG_FILES: Readonly<Record<string, string>> = {}

describe('file length', () => {
  const LIMIT = 400
  const lengths = new Map(code.map((file) => [file, read(file).split('\n').length]))

  it('stays under the limit', () => {
    const published = packages
      .flatMap(({ sources }) => sources.map((file) => lengths.get(file) ?? 0))
      .sort((a, b) => a - b)
    const at = (share: number): number => published[Math.floor((published.length - 1) * share)] ?? 0
    console.log(
      `${published.length} source files: median ${at(0.5)} lines, nine in ten under ${at(0.9)}, longest ${at(1)}`,
    )

    const long = [...lengths].filter(([, length]) => length > LIMIT).map(([file]) => file)
    expect(long.sort(), 'split it, or give the reason in LONG_FILES').toEqual(Object.keys(LONG_FILES).sort())
  })
})

describe('the face of a package', () => {
  it.each(packages.map(({ folder }) => `packages/${folder}/src/index.ts`))('%s has named exports alone', (file) => {
    const text = read(file)
    expect(text).not.toMatch(/export\s+\*/u)
    expect(text).not.toMatch(/export\s+default/u)
    const statements = text.match(/^(?:export|import|const|let|function|class)\b.*/gmu) ?? []
    expect(statements.filter((statement) => !/^export (?:type )?\{/u.test(statement))).toEqual([])
  })
})

describe('tests', () => {
  it('stand beside what they test', () => {
    const orphans = files
      .filter((file) => /^packages\/[^/]+\/src\/.*\.test\.ts$/u.test(file))
      .filter((test) => !files.includes(test.replace(/\.test\.ts$/u, '.ts')))
    expect(orphans.map((file) => basename(file))).toEqual([])
  })
})
