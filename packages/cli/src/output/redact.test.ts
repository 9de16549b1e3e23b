import { expect, it } from 'vitest'
import { redact } from './redact.ts'

it.each([
  ['postgres://app:s3cret@db/shop', 'postgres://app:***@db/shop'],
  ['cannot parse "postgresql://app:p@ss:word@db:5432/x y"', 'cannot parse "postgresql://app:***@db:5432/x y"'],
  ['postgres//app:s3cret@db/x at base', 'postgres//app:***@db/x at base'],
  ['host=db password=s3cret user=app', 'host=db password=*** user=app'],
  ['{"password":"s3 cret","user":"app"}', '{"password":***,"user":"app"}'],
  ['password authentication failed for user "app"', 'password authentication failed for user "app"'],
  ['postgres://db/shop', 'postgres://db/shop'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

it('takes out what is known, wherever it stands', () => {
  expect(redact('bad host: hunter2.example', ['hunter2'])).toBe('bad host: ***.example')
})
