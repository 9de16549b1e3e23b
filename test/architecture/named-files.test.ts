import { describe, expect, it } from 'vitest'
import { read, repositoryFiles } from './workspace.ts'

/** Pages that say which file does what. */
const PAGES = ['docs/architecture.md', 'docs/glossary.md', 'packages/sql/README.md', 'packages/session/README.md']

describe.each(PAGES)('%s', (page) => {
  const files = repositoryFiles().map((file) => `/${file}`)
  const named = [...new Set(read(page).match(/(?<![\w*/.-])[\w-]+(?:[./][\w-]+)*\.ts\b/gu) ?? [])]

  it.each(named)('names %s, which is there', (name) => {
    expect(files.filter((file) => file.endsWith(`/${name}`))).not.toEqual([])
  })

  it('names folders that are there', () => {
    const folders = [...read(page).matchAll(/(?<=[\s`"(])(?<folder>[a-z-]+)\/(?=[`,"<\s])/gu)]
    for (const { groups } of folders)
      expect(
        files.some((file) => file.includes(`/${groups?.folder}/`)),
        groups?.folder,
      ).toBe(true)
  })
})

it('the page on the way of a statement names every room of sql', () => {
  const page = read('docs/architecture.md')
  const rooms = new Set(repositoryFiles().flatMap((file) => /^packages\/sql\/src\/([^/]+)\//u.exec(file)?.[1] ?? []))
  expect(rooms.size).toBeGreaterThan(5)
  for (const room of rooms) expect(page).toMatch(new RegExp(`\\b${room}\\b`, 'u'))
})
