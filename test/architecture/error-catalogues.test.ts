import { describe, expect, it } from 'vitest'
import { CHECK_RULES } from '../../packages/cli/src/check/check-rules.ts'
import { errorCatalogues } from './error-catalogues.ts'
import { packages, read } from './workspace.ts'

const catalogues = await errorCatalogues()

/** What `check` finds has codes of the same kind, and a page of its own: docs/operations/check.md. */
const rules = new Set(Object.keys(CHECK_RULES))

const codesIn = (files: readonly string[]): Set<string> =>
  new Set(
    files.flatMap((file) => [...read(file).matchAll(/['"`](EC_[A-Z_]+)['"`]/gu)].flatMap((match) => match[1] ?? [])),
  )

describe.each(packages)('$folder', ({ folder, manifest, sources }) => {
  const own = catalogues.filter((catalogue) => catalogue.folder === folder)
  const listed = new Set(own.flatMap(({ errors }) => Object.keys(errors)))
  const raised = codesIn(sources.filter((file) => !file.endsWith('/error-catalogue.ts')))

  it('raises every error that it lists', () => {
    expect([...listed].filter((code) => !raised.has(code))).toEqual([])
  })

  it('lists every error that it raises, or one of its packages does', () => {
    const below = Object.keys(manifest.dependencies ?? {})
    const known = new Set(
      catalogues
        .filter(({ folder: other }) => other === folder || below.includes(`@expand-contract/${other}`))
        .flatMap(({ errors }) => Object.keys(errors)),
    )
    expect([...raised].filter((code) => !known.has(code) && !(folder === 'cli' && rules.has(code)))).toEqual([])
  })

  it('exports its catalogue', () => {
    for (const { name } of own)
      expect(read(`packages/${folder}/src/index.ts`)).toMatch(new RegExp(`\\b${name}\\b`, 'u'))
  })
})

it('comments name codes that exist', () => {
  const known = new Set(catalogues.flatMap(({ errors }) => Object.keys(errors)))
  const named = packages.flatMap(({ sources }) =>
    sources.flatMap((file) => read(file).match(/\bEC_[A-Z_]*[A-Z]\b/gu) ?? []),
  )
  expect([...new Set(named)].filter((code) => !known.has(code) && !rules.has(code))).toEqual([])
})

it('no code stands in two catalogues', () => {
  const codes = catalogues.flatMap(({ errors }) => Object.keys(errors))
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
  expect(codes.length).toBeGreaterThan(10)
})
