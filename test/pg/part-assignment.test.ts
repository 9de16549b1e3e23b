import { fixedPhases, renameColumn } from '@expand-contract/core'
import { expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const MIGRATIONS = [
  renameColumn({ table: 't', from: 'tags', to: 'labels', type: 'text[]' }),
  renameColumn({ table: 't', from: 'grid', to: 'cells', type: 'int[]' }),
  renameColumn({ table: 't', from: 'doc', to: 'data', type: 'jsonb' }),
]

const SQL = `create table t (id int primary key, tags text[], grid int[], doc jsonb, labels text[], cells int[], data jsonb);
  insert into t values (1, '{p,q}', '{{1,2},{3,4}}', '{"k": 1, "n": {"m": 2}}'), (2, null, null, null), (3, '{}', '{}', '{}'),
    (4, '[2:3]={r,s}', '[0:0][0:1]={{7,8}}', '{"n": {}}')`

const STATEMENTS = [
  "update t set tags[1] = 'new'",
  "update t set tags[2] = 'new', grid[1][2] = 9 where id < 4",
  "update t set tags[1:2] = '{a,b}'",
  `update t set doc['k'] = '"new"'`,
  `update t set doc['n']['m'] = '3', doc['l'] = to_jsonb(id)`,
]

test.each(postgresMajors())(
  'PostgreSQL %i: a part that is assigned before the new column is filled is the part of a whole value',
  async (major) => {
    const phases = fixedPhases(Object.fromEntries(MIGRATIONS.map(({ id }) => [id, 'expand'])))
    const fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, phases })
    const client = await fixture.client()
    for (const sql of STATEMENTS) {
      await client.query(sql)
      const pairs = [
        ['tags', 'labels'],
        ['grid', 'cells'],
        ['doc', 'data'],
      ].filter(([old]) => sql.includes(`${old}[`))
      for (const [old, added] of pairs) {
        const touched = `${added} is not null or ${old} is null`
        const { rows } = await fixture.bare.query(`select ${old} as a, ${added} as b from t where ${touched}`)
        expect(
          rows.map(({ b }) => b),
          sql,
        ).toEqual(rows.map(({ a }) => a))
      }
      await fixture.bare.query('update t set labels = null, cells = null, data = null')
    }
    await fixture.close()
  },
)
