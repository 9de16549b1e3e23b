import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packages, read, repositoryFiles } from './workspace.ts'

const files = repositoryFiles()

describe('file names', () => {
  it('say what is in the file', () => {
    const grabBag = /(?:^|\/)(?:utils?|helpers?|lib|common|types|misc|shared)(?:[/.]|$)|-(?:utils?|helpers?)\./u
    expect(files.filter((file) => grabBag.test(file))).toEqual([])
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
