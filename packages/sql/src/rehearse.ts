import { DECISIONS, renameColumn } from '@expand-contract/core'
import type { ColumnType, RelationColumn } from './catalog/catalog.ts'
import { createCatalog } from './catalog/create-catalog.ts'
import { createRewriter } from './create-rewriter.ts'

const TABLE = 'rehearsed'
const TEXTS = [
  `select r.id, r.a as name, count(*) from ${TABLE} r where r.a = $1 group by 1, 2 order by r.a limit 1`,
  `select * from ${TABLE} where id in (select id from ${TABLE} where a like 'x%')`,
  `insert into ${TABLE} (id, a) values ($1, $2), ($3, default) on conflict (id) do update set a = excluded.a returning id, a`,
  `update ${TABLE} set a = a || $1 where id = $2 returning *`,
  `delete from ${TABLE} where a = $1`,
]

const TEXT: ColumnType = {
  declared: 'text',
  bare: '"pg_catalog"."text"',
  base: 'pg_catalog.text',
  modifier: -1,
  collation: '"pg_catalog"."default"',
  defaultCollation: true,
}

const COLUMNS: readonly RelationColumn[] = ['id', 'a', 'b'].map((name, index) => ({
  ...{ name, position: index + 1, type: TEXT, notNull: name === 'id' },
  ...{ default: undefined, identity: undefined, generated: false },
}))

/**
 * Plans statements on a table that is made up, so that the parser and this code are compiled before the first statement of
 * the application: it would take ten times as long as the next one. `loadParser` must have been awaited.
 */
export function rehearse(): void {
  const migrations = [renameColumn({ table: TABLE, from: 'a', to: 'b' })]
  const facts = {
    ...{ oid: 1, schema: 'public', name: TABLE, kind: 'table' as const, columns: COLUMNS },
    uniqueKeys: [{ name: 'key', columns: ['id'], primary: true, partial: false }],
    ...{ dropped: [], parents: [], viewOf: [], syncTriggers: [], triggers: [] },
  }
  const relations = [{ schema: undefined, name: TABLE, facts }]
  const catalog = createCatalog({ migrations, relations, absent: [], aliases: [] })
  const { planner } = createRewriter({ migrations })
  for (const decision of [DECISIONS.bothReadOld, DECISIONS.bothReadNew])
    for (const text of TEXTS) planner(text, catalog).plan(() => decision)
}
