import { describe, expect, test } from 'vitest'
import { differences } from './differences.ts'
import { namesHosts, runbookDocument } from './document.ts'
import { runbookName } from './file-name.ts'
import { type FrontMatter, readFrontMatter } from './front-matter.ts'
import { code, mdTable, plain } from './markdown.ts'

const head: FrontMatter = {
  ...{ id: 'users.full_name', phase: 'switch', since: new Date('2026-11-23T09:14:05Z'), epoch: 7 },
  ...{ declaration: 'sha256:7f3a', table: 'users', old: ['name'], new: ['full_name'] },
}
const runbook = { head, section: 'What was done.', hosts: false }
const written = runbookDocument(runbook, undefined, 'a.md')

describe('a runbook', () => {
  test('begins as a template, and is the same when nothing is new', () => {
    expect(written).toMatchInlineSnapshot(`
      "---
      id: users.full_name
      phase: switch
      since: 2026-11-23T09:14:05Z
      epoch: 7
      declaration: sha256:7f3a
      table: users
      old:
        - name
      new:
        - full_name
      ---
      # users.full_name

      <!-- Why: written by people, kept as it is. Who wants it, who decides, the ticket. -->

      <!-- expand-contract:begin - written by \`expand-contract runbook users.full_name --write\` -->
      What was done.
      <!-- expand-contract:end -->

      ## Lessons

      <!-- Lessons: written by people, kept as it is. -->
      "
    `)
    expect(runbookDocument(runbook, written, 'a.md')).toBe(written)
    expect(readFrontMatter(written)).toEqual({ ...head, soaked: undefined, droppable: undefined })
  })

  const people = `---
# ours and theirs
owner: team-crm
id: users.full_name
phase: expand
old:
  - name
since: 2026-11-20T00:00:00Z
epoch: 3
tickets:
  - CRM-812
declaration: sha256:7f3a
table: users
new: [full_name]
---
# The letters project

Sales writes letters.  
\ttabs and trailing blanks   

<!-- expand-contract:begin - anything -->
old
<!-- expand-contract:end -->
## Lessons
None, without a line end`

  test.each([
    ['ends of lines of Unix', (text: string) => text],
    ['ends of lines of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('keeps what people wrote, byte for byte: %s', (_, as) => {
    const before = as(people)
    const after = runbookDocument(runbook, before, 'a.md')
    const outside = (text: string) => [
      text.slice(text.indexOf('# The letters'), text.indexOf('<!-- expand-contract:begin')),
      text.slice(text.indexOf('<!-- expand-contract:end -->') + '<!-- expand-contract:end -->'.length),
    ]
    expect(outside(after)).toEqual(outside(before))
    expect(after).toContain(as('# ours and theirs\nowner: team-crm\ntickets:\n  - CRM-812\n---\n'))
    expect(after).toContain(as('phase: switch\n'))
    expect(after).not.toContain('phase: expand')
    expect(after.replaceAll('\r\n', '').includes('\n')).toBe(as('\n') === '\n')
    expect(readFrontMatter(after)).toMatchObject({ id: head.id, phase: 'switch', epoch: 7 })
    expect(runbookDocument(runbook, after, 'a.md')).toBe(after)
  })

  test('is added to a page that has none', () => {
    const after = runbookDocument(runbook, '# By hand\n\nText.', 'a.md')
    expect(after).toContain('---\n# By hand\n\nText.\n\n<!-- expand-contract:begin')
    expect(runbookDocument(runbook, after, 'a.md')).toBe(after)
  })

  test('is refused where the file is not what it should be', () => {
    const other = written.replace('id: users.full_name', 'id: users.other')
    expect(() => runbookDocument(runbook, other, 'a.md')).toThrow('a.md is the runbook of "users.other"')
    for (const mark of ['begin', 'end']) {
      const half = written.replace(new RegExp(`<!-- expand-contract:${mark}.*`, 'u'), '')
      expect(() => runbookDocument(runbook, half, 'a.md')).toThrow('has one of its two markers')
    }
  })

  test('remembers that it names machines', () => {
    expect(namesHosts(written)).toBe(false)
    expect(namesHosts(runbookDocument({ ...runbook, hosts: true }, written, 'a.md'))).toBe(true)
  })

  test('of an id with odd characters has a marker that is a comment', () => {
    for (const id of ['a--> b', 'x\ny', '<b>', '"users".`a|b`'])
      expect(runbookDocument({ ...runbook, head: { ...head, id } }, undefined, 'a.md')).toContain(
        '<!-- expand-contract:begin - written by `expand-contract runbook ... --write` -->\n',
      )
  })
})

test('each id has a file of its own, on every system', () => {
  expect(runbookName('users.full_name')).toBe('users.full_name')
  const odd = [
    'Users.name',
    'users.Name',
    '../x',
    '..',
    'con',
    'a/b',
    'a\\b',
    'a b',
    'a-b ',
    'é',
    'x'.repeat(300),
    'a\n',
    '.a',
  ]
  const names = odd.map(runbookName)
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/u)
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(odd.length)
})

test('names in Markdown stay what they are', () => {
  expect([code('a'), code('a`b'), code('`a`'), code('a\nb')]).toEqual(['`a`', '``a`b``', '`` `a` ``', '`a b`'])
  expect(plain('<script> *a*_b_ [x](y)')).toBe('&lt;script\\> \\*a\\*\\_b\\_ \\[x\\](y)')
  expect(mdTable(['a'], [['b|c']])).toBe('| a |\n| - |\n| b\\|c |')
})

test('says what differs', () => {
  expect(differences('a\nb\nc\n', 'a\r\nc\nd\n')).toEqual(['- b', '+ d'])
  expect(differences('', Array.from({ length: 30 }, (_, at) => `l${at}`).join('\n')).at(-1)).toBe('... and 10 more')
})
