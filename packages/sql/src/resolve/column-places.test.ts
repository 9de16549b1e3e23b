import { DECISIONS, type Migration, renameColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogOf, planWith } from '../../fixtures/plan-statement.ts'
import { columnType, type TableFacts, tableFacts } from '../../fixtures/relation-facts.ts'
import { loadParser } from '../parse/parser.ts'

beforeAll(loadParser)

const LEVEL: Migration = renameColumn({ table: 'logs', from: 'level', to: 'grade', type: 'text' })
const BEHIND_ID: Migration = { ...LEVEL, after: 'id' }

const [id, level, msg, grade] = ['integer', null, 'text', 'text']

type Columns = TableFacts['columns']

/** What `select *` of a partition becomes once the old column is gone. */
function starOf(migration: Migration, parent: Columns, child: Columns, storage?: readonly string[]) {
  const logs = tableFacts('logs', { columns: parent })
  const part = tableFacts('part', { columns: child, parents: [logs.oid], droppedStorage: storage })
  const absent = [{ migration: migration.id, column: 'level', type: columnType('text') }]
  const catalog = catalogOf([migration], [logs, part], { absent })
  const { outcome, text, reasons } = planWith(
    'SELECT * FROM part',
    { migrations: [migration], catalog },
    DECISIONS.newOnly,
  )
  const columns = [...text.matchAll(/"part"\."(\w+)"/gu)].map(([, name]) => name)
  return outcome === 'refused' ? reasons.map(({ code }) => code) : columns
}

describe('a partition or child has the dropped column', () => {
  it.each<[string, Columns, readonly string[]]>([
    ['where the table has it', { id, level, msg, grade }, ['id', 'grade', 'msg']],
    ['where it stood itself', { id, msg, level, grade }, ['id', 'msg', 'grade']],
    ['where it stood itself, in front', { level, msg, id, grade }, ['grade', 'msg', 'id']],
    ['where the table has it, having lost another one', { id, level, msg, lost: null, grade }, ['id', 'grade', 'msg']],
    ['where the table has it, having come after it was dropped', { id, msg, grade }, ['id', 'grade', 'msg']],
    ['beside columns of its own', { id, level, msg, grade, own: 'text' }, ['id', 'grade', 'msg', 'own']],
  ])('%s', (_, child, order) => {
    expect(starOf(LEVEL, { id, level, msg, grade }, child)).toEqual(order)
    expect(starOf(BEHIND_ID, { id, level, msg, grade }, child)).toEqual(order)
  })

  it('where the migration declares it for the table, which tells nothing by itself', () => {
    expect(starOf(BEHIND_ID, { id, msg, grade }, { id, msg, grade })).toEqual(['id', 'grade', 'msg'])
    expect(starOf(BEHIND_ID, { lost: null, id, level, msg, grade }, { id, msg, grade })).toEqual(['id', 'grade', 'msg'])
  })

  it('where the values of that type were stored', () => {
    const child: Columns = { lost: null, id, msg, level, grade }
    const storage = (lost: string): readonly string[] => [`${lost}:-1`, '-1:i:-1']
    expect(starOf(LEVEL, { id, level, msg, grade }, child, storage('4:i'))).toEqual(['id', 'msg', 'grade'])
    expect(starOf(LEVEL, { id, level, msg, grade }, child, storage('-1:i'))).toEqual(['column-positions'])
  })
})

describe('nobody knows where a partition or child had the dropped column', () => {
  it.each<[string, Columns, Columns]>([
    [
      'it has lost several, and none where the table has it',
      { id, level, msg, grade },
      { level, msg, lost: null, id, grade },
    ],
    ['it stands in another order, and has lost none', { id, level, msg, grade }, { msg, id, grade }],
    ['the table tells nothing either', { id, msg, grade }, { id, msg, grade }],
  ])('%s', (_, parent, child) => {
    expect(starOf(LEVEL, parent, child)).toEqual(['column-positions'])
  })
})
