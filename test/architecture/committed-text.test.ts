import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packages, ROOT, read, repositoryFiles } from './workspace.ts'

const files = repositoryFiles().filter((file) => !/\.(?:png|gif|ico|woff2?)$/u.test(file))

describe('what is committed', () => {
  it('names no folder of a machine', () => {
    const folders = [`${ROOT}/`, `${homedir()}/`].filter((folder) => folder.length > 6)
    const somebodys = /(?:^|[\s'"`(=:])(?:\/(?:home|Users|root|work|workspace|mnt)\/|[A-Z]:\\Users\\)/mu
    const naming = files.filter((file) => {
      const text = read(file)
      return somebodys.test(text) || folders.some((folder) => text.includes(folder))
    })
    expect(naming.filter((file) => file !== 'test/architecture/committed-text.test.ts')).toEqual([])
  })

  it('names no package registry, so that everybody installs from their own', () => {
    const registry = /https?:\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio|npmjs\.org)/u
    expect(files.filter((file) => registry.test(read(file)))).toEqual([])
  })
})

const documents = files.filter((file) => file.endsWith('.md'))

/** As GitHub makes them: lower case, punctuation dropped, spaces to hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/gu, '-')

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gmu, '').replaceAll(/`[^`\n]*`/gu, '')

const anchorsOf = (file: string): string[] =>
  [
    ...read(file)
      .replaceAll(/^```[\s\S]*?^```/gmu, '')
      .matchAll(/^#+\s+(.*)$/gmu),
  ].map((match) => anchorOf(match[1] ?? ''))

describe('links', () => {
  it.each(documents)('of %s lead somewhere', (file) => {
    const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)[^)]*\)/gu)].flatMap((match) => match[1] ?? [])
    for (const link of links.filter((target) => !/^(?:https?:|mailto:)/u.test(target))) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      expect(existsSync(join(ROOT, target)), `${file} links to ${link}`).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(target), `${file} links to ${link}`).toContain(anchor)
    }
  })
})

/** Pages, and sources with the texts of errors and the comments that editors show. */
const recommending = files.filter((file) => /\.md$|^(?:packages|examples)\/.*\.ts$/u.test(file))

describe('what is recommended exists', () => {
  it.each([
    ['pages of docs', /\bdocs\/[\w-]+\.md\b/gu, (page: string) => existsSync(join(ROOT, page))],
    [
      'packages',
      /@expand-contract\/(?!source|test\b|example-)[a-z][\w-]*/gu,
      (name: string) => packages.some(({ manifest }) => manifest.name === name),
    ],
  ])('%s', (_, pattern, exists) => {
    const missing = recommending.flatMap((file) =>
      [...read(file).matchAll(pattern)].filter(([name]) => !exists(name)).map(([name]) => `${file}: ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('scripts of the root', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/\b(?:npm run|npx pnpm|pnpm) (?!exec|add|install|--|-)([\w:-]+)/gu)].map(
        ([, script]) => [file, script] as const,
      ),
    )
    const own = named.filter(([file]) => !file.startsWith('examples/'))
    expect(own.filter(([, script]) => scripts[script ?? ''] === undefined)).toEqual([])
  })
})
