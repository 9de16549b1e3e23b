import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shellWord } from './shell-word.ts'

it('leaves usual names as they are', () => {
  for (const name of ['users.full_name', 'users.first+last', 'users.name@shop', 'docs/backups/a.zst'])
    expect(shellWord(name)).toBe(name)
})

it('is one word to a shell, with every character as it was', () => {
  const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1 }), 200).filter((text) => !text.includes('\0'))
  texts.push('My Schema.users.name', `it's`, '"T".x', '$HOME', '`id`', 'a\nb', '~', '*', '--x y', '\\')
  const said = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`]).toString('utf8')
  expect(said.split('\0').slice(0, -1)).toEqual(texts.map((text) => Buffer.from(text).toString('utf8')))
})
