import { describe, expect, it } from 'vitest'
import { needsQuotes } from '../../packages/session/src/error/needs-quotes.ts'
import { postgresMajors, serverUrl } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'

/** Keywords since 16 and 17: a name that is one is unquoted in what an older server says. */
const LATER = new Set(
  'json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value merge_action system_user'.split(
    ' ',
  ),
)

describe.each(postgresMajors())('PostgreSQL %i: names that messages quote', (major) => {
  it('are told as quote_ident tells them', async () => {
    const { rows } = await queryServer(
      serverUrl(major),
      `select word, quote_ident(word) <> word as quoted from (
         select word from pg_get_keywords() union all
         select * from unnest(array['name', 'full name', 'Name', '1st', '_a$1', 'größe', 'x.y', 'q"q'])) w(word)`,
    )
    const wrong = rows.filter(({ word, quoted }) => needsQuotes(word) !== quoted && !LATER.has(word))
    expect(wrong).toEqual([])
  })
})
