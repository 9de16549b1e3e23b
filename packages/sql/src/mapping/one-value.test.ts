import { beforeAll, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { hasOneValue } from './one-value.ts'

beforeAll(loadParser)

it.each(["'d'::text", '0', 'now()', 'CURRENT_TIMESTAMP', "date_trunc('day', now())", "'{}'::jsonb", 'ARRAY[1, 2]'])(
  '%s has one value',
  (sql) => expect(hasOneValue(sql)).toBe(true),
)

it.each(["nextval('s'::regclass)", 'gen_random_uuid()', 'clock_timestamp()', 'CURRENT_USER', 'crm.own()', 'own()'])(
  '%s may have another one',
  (sql) => expect(hasOneValue(sql)).toBe(false),
)
