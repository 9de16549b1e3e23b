import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { commentOn, listOf, type Made } from './constraint-comment.ts'
import { oneOfEach } from './one-of-each.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { ParityConstraint } from './parity-facts.ts'

/** Checks of the tables themselves; those of partitions and children come with them. */
export function checkParity(context: ParityContext): readonly ParityPart[] {
  const all = context.facts.constraints.filter(
    (check) => check.type === 'c' && check.own && check.expression !== null && context.concerns(check.columns),
  )
  const keyOf = (check: ParityConstraint): string =>
    JSON.stringify([check.member, ...signature(context, check, 'old'), context.declaredName(check.name)])
  return oneOfEach(all, keyOf, ({ validated }) => validated).flatMap((check) => {
    const there = counterpartOf(context, check)
    const why =
      context.pairsOf(check.columns) === undefined
        ? `its columns have no counterpart of their own in ${context.migration.id}`
        : context.unlike(check.expression ?? '').length > 0
          ? 'it is an expression over a column whose type is another now'
          : undefined
    if (why !== undefined && there === undefined) {
      const sql = `-- the same over ${listOf([...context.newNames])}, as it fits them; add it NOT VALID, then VALIDATE it:\n-- ${check.definition}`
      context.forPeople.push({ what: `check ${check.name}`, why, sql, before: 'switch' })
      return []
    }
    const { schema } = context.member(check.member)
    const taken = (name: string) =>
      context.facts.constraints.some((each) => each.member === check.member && each.name === name)
    const name = there?.name ?? context.name(schema, check.name, { of: 'check', own: () => true, used: taken })
    return [
      {
        kind: 'check',
        what: `check ${name ?? check.name}`,
        ...stagesOf(context, check, { name: name ?? `${check.name}_`, there }),
      },
    ]
  })
}

function stagesOf(
  context: ParityContext,
  check: ParityConstraint,
  { name, there }: Made,
): Pick<ParityPart, 'actions' | 'withColumns'> {
  const table = context.tableOf(check.member)
  const quoted = quoteIdentifier(name)
  const inherit = check.noInherit ? ' NO INHERIT' : ''
  const enforced = check.enforced ? ' NOT VALID' : ' NOT ENFORCED'
  const add = `ALTER TABLE ${table} ADD CONSTRAINT ${quoted} CHECK (${context.expression(check.expression ?? '')})${inherit}${enforced}`
  const [adding, validating] = [`parity ${name}`, `parity ${name} validated`]
  const withColumns: Action[] =
    there === undefined
      ? [
          context.action({
            sql: add,
            why: `What ${check.name} is to the old column; rows that are there are not looked at yet.`,
            table,
            lock: 'ACCESS EXCLUSIVE',
            transaction: adding,
          }),
        ]
      : []
  const actions: Action[] = []
  if (check.validated && check.enforced && there?.validated !== true)
    actions.push(
      context.action({
        ...{
          sql: `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoted}`,
          why: 'Looks at all rows, beside readers and writers.',
        },
        ...{
          table,
          lock: 'SHARE UPDATE EXCLUSIVE',
          transaction: validating,
          estimate: context.scan(context.member(check.member)),
        },
      }),
    )
  actions.push(...commentOn(context, check, { name, there }))
  return { withColumns, actions }
}

function counterpartOf(context: ParityContext, check: ParityConstraint): ParityConstraint | undefined {
  const declared = context.declaredName(check.name)
  const wanted = signature(context, check, 'old').join()
  return context.facts.constraints.find(
    (each) =>
      each.type === 'c' &&
      each.member === check.member &&
      each.oid !== check.oid &&
      (each.name === declared || signature(context, each, 'new').join() === wanted),
  )
}

const signature = (
  context: ParityContext,
  { noInherit, enforced, expression }: ParityConstraint,
  side: 'old' | 'new',
): readonly unknown[] => [noInherit, enforced, context.comparable(expression ?? '', side)]
