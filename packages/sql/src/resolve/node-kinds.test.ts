import { DECISIONS } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { migrationsFor, tablesAt } from '../../fixtures/migrating-tables.ts'
import { catalogOf } from '../../fixtures/plan-statement.ts'
import { compileMigration } from '../mapping/compiled-migration.ts'
import type { NodeKind } from '../parse/node-kind.ts'
import { readStatement } from '../parse/parsed-statement.ts'
import { loadParser, parse } from '../parse/parser.ts'
import type { Plan } from '../plan.ts'
import { rewrite } from '../rewrite.ts'
import { type ExpressionKind, LEAVES, type Others, PARTS, WALKED_THROUGH, type WalkedThrough } from './node-kinds.ts'

beforeAll(loadParser)

/** The plan of a text whose tree has a kind of another name. */
function planWithKind(text: string, kind: NodeKind, other: string): Plan {
  const tree = JSON.stringify(parse(text)?.[0]?.stmt).replaceAll(`"${kind}":`, `"${other}":`)
  const migrations = migrationsFor('old')
  return rewrite({
    text,
    statements: [readStatement(JSON.parse(tree) as Node)],
    catalog: catalogOf(migrations, tablesAt('both')),
    compiled: new Map(migrations.map((migration) => [migration.id, compileMigration(migration)])),
    decide: () => DECISIONS.bothReadNew,
  })
}

describe('the kinds of nodes', () => {
  it('are each in one table, or do not compile', () => {
    type Left = Exclude<NodeKind, keyof typeof LEAVES | keyof typeof WALKED_THROUGH>
    expectTypeOf<ExpressionKind>().toExtend<Left>()
    // @ts-expect-error it is a leaf
    expectTypeOf<Others<'ParamRef'>>().toBeString()
    // @ts-expect-error it is walked through
    expectTypeOf<Others<'BoolExpr'>>().toBeString()
    // @ts-expect-error no parser has it
    expectTypeOf<Others<'GraphTable'>>().toBeString()
    expect(Object.keys(LEAVES).filter((kind) => kind in WALKED_THROUGH)).toEqual([])
  })

  it('have every part told that could hold an expression, or do not compile', () => {
    const walk = (table: WalkedThrough): WalkedThrough => table
    walk({ CaseWhen: { expr: 'nodes', result: 'nothing' } })
    // @ts-expect-error `result` is not told
    walk({ CaseWhen: { expr: 'nodes' } })
    // @ts-expect-error it is no list of nodes, but one node of a kind that it does not say
    walk({ JsonArgument: { val: 'nodes' } })
    // @ts-expect-error it is of another kind
    walk({ JsonArgument: { val: 'TypeName' } })
    // @ts-expect-error it is a leaf
    walk({ ParamRef: {} })
    expect(PARTS.CollateClause).toEqual([['arg', 'nodes']])
    expect(PARTS.JsonObjectAgg).toEqual([
      ['constructor', 'JsonAggConstructor'],
      ['arg', 'JsonKeyValue'],
    ])
  })

  it.each([
    ['a kind that is not known', 'BoolExpr', 'NewExpr'],
    ['a kind that never stands in an expression', 'BoolExpr', 'OpExpr'],
    ['a statement where a value is', 'CoalesceExpr', 'DropStmt'],
  ] as const)('%s is not walked through', (_, kind, other) => {
    const text = "SELECT coalesce(name, 'x') FROM users WHERE NOT (name = 'a')"
    expect(planWithKind(text, kind, kind).outcome).toBe('rewritten')
    const plan = planWithKind(text, kind, other)
    expect(plan).toMatchObject({ outcome: 'kept', text, reasons: [{ code: 'unsupported' }] })
  })

  it('refuses to write what holds one', () => {
    const text = "UPDATE users SET name = coalesce(name, 'x') WHERE id = 1"
    expect(planWithKind(text, 'CoalesceExpr', 'CoalesceExpr').outcome).toBe('rewritten')
    expect(planWithKind(text, 'CoalesceExpr', 'NewExpr').outcome).toBe('refused')
  })
})
