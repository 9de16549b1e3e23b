import { changeColumnType } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const TEXT_OID = 25

test.each(postgresMajors())(
  'PostgreSQL %i: the type of a column that is to come is known to a transaction that asks for it first',
  async (major) => {
    const migrations = [
      changeColumnType({
        table: 'users',
        from: 'name',
        fromType: 'varchar(9)',
        to: 'full_name',
        type: 'text',
        app: 'new',
      }),
    ]
    const sql = "create table users (id int, name varchar(9)); insert into users values (1, 'Ada')"
    const fixture = await EngineFixture.open(major, { sql, migrations })
    try {
      const client = await fixture.client()
      await client.query('begin')
      const { fields, rows } = await client.query('select full_name from users')
      await client.query('commit')
      expect(rows).toEqual([{ full_name: 'Ada' }])
      expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([TEXT_OID])
    } finally {
      await fixture.close()
    }
  },
)
