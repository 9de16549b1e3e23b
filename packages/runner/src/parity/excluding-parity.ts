import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from '../sql/sync-names.ts'
import { isAlike } from './column-pairs.ts'
import { timingOf } from './constraint-comment.ts'
import { indexSignature, keyText, optionText } from './index-sql.ts'
import type { ParityContext, ParityPart } from './parity-context.ts'
import type { ParityConstraint, ParityIndex } from './parity-facts.ts'

/** An exclusion constraint, or a key WITHOUT OVERLAPS, which is one as well: none of them can take over an index that was built beside writers. */
export const isExcluding = (constraint: ParityConstraint | undefined): constraint is ParityConstraint =>
  constraint !== undefined && (constraint.type === 'x' || constraint.temporal)

interface Excluding {
  readonly index: ParityIndex
  readonly constraint: ParityConstraint
  /** The counterpart that the declaration names is there. */
  readonly declared: boolean
}

/** Left to people, who have made it by the time that it counts. */
export function excludingParity(
  context: ParityContext,
  { index, constraint, declared }: Excluding,
): readonly ParityPart[] {
  if (declared || hasExcluding(context, index, constraint))
    return [{ kind: index.unique ? 'unique' : 'index', what: `index ${index.name}`, actions: [] }]
  const kind = constraint.temporal ? 'a key WITHOUT OVERLAPS' : 'an exclusion constraint'
  context.forPeople.push({
    ...{ what: `index ${index.name}`, why: `it is ${kind}, which cannot be added without a long lock` },
    ...{ sql: excludingSql(context, index, constraint), before: 'switch' },
  })
  return []
}

/** Somebody has made it. The counterpart of a primary key may be a unique one. */
function hasExcluding(context: ParityContext, index: ParityIndex, constraint: ParityConstraint): boolean {
  const { constraints, indexes } = context.facts
  const signature = indexSignature(context, index, 'old')
  const keyKind = (type: string): string => (type === 'p' ? 'u' : type)
  return indexes.some((each) => {
    const found = constraints.find(({ oid }) => oid === each.constraint)
    return (
      found !== undefined &&
      each.valid &&
      keyKind(found.type) === keyKind(constraint.type) &&
      found.temporal === constraint.temporal &&
      found.deferrable === constraint.deferrable &&
      found.deferred === constraint.deferred &&
      // Operators of another type are others, which a person has chosen.
      found.operators.length === constraint.operators.length &&
      indexSignature(context, each, 'new') === signature
    )
  })
}

/** What a person runs when the lock suits him; to start from, where the new type may ask for other operators. */
function excludingSql(context: ParityContext, index: ParityIndex, constraint: ParityConstraint): string {
  const texts = [...index.keys.map(({ expression }) => expression), index.predicate]
  const known =
    (context.pairsOf(index.columns)?.every(isAlike) ?? false) &&
    texts.every((text) => text === null || context.unlike(text).length === 0)
  const { schema, name: table } = context.member(index.member)
  if (!known)
    return `-- the same over ${[...context.newNames].map(quoteIdentifier).join(', ')}, as it fits them:\n-- ALTER TABLE ${qualified(schema, table)} ADD ${constraint.definition}`
  const used = (name: string): boolean =>
    context.facts.constraints.some((each) => each.member === index.member && each.name === name)
  const name = quoteIdentifier(context.name(schema, constraint.name, { used }) ?? `${constraint.name}_new`)
  const lock = '-- it is built under a lock that neither readers nor writers get past:'
  const text = constraint.temporal ? withoutOverlaps(context, index) : excluding(context, index, constraint)
  return `${lock}\nALTER TABLE ${qualified(schema, table)} ADD CONSTRAINT ${name} ${text}${timingOf(constraint)};`
}

function excluding(context: ParityContext, index: ParityIndex, { operators }: ParityConstraint): string {
  const keys = index.keys.map((key, at) => `${keyText(context, key)} WITH ${operators[at] ?? '='}`)
  const where = index.predicate === null ? '' : ` WHERE (${context.expression(index.predicate)})`
  return `EXCLUDE USING ${quoteIdentifier(index.method)} (${keys.join(', ')})${indexParameters(context, index)}${where}`
}

function withoutOverlaps(context: ParityContext, index: ParityIndex): string {
  const columns = index.keys.map(({ column }) => quoteIdentifier(context.column(column ?? '')))
  return `UNIQUE (${columns.join(', ')} WITHOUT OVERLAPS)${indexParameters(context, index)}`
}

function indexParameters(context: ParityContext, { include, options, tablespace }: ParityIndex): string {
  const columns = include.map((column) => quoteIdentifier(context.column(column)))
  return [
    columns.length === 0 ? '' : ` INCLUDE (${columns.join(', ')})`,
    options.length === 0 ? '' : ` WITH (${options.map(optionText).join(', ')})`,
    tablespace === null ? '' : ` USING INDEX TABLESPACE ${tablespace}`,
  ].join('')
}
