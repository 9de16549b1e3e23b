import type { Decision, Side, StatementReason } from '@expand-contract/core'
import type { RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog } from './catalog/catalog.ts'
import { decisionFor } from './catalog/made-from.ts'
import { type DecidedMigrationFinder, decidedMigrationFinder, relationsOf } from './decided-migration-finder.ts'
import { EditList } from './edit/edit-list.ts'
import type { CompiledMigration } from './mapping/compiled-migration.ts'
import { assignsShadow } from './own-assignments.ts'
import { commandOf, createsTable } from './parse/carried-query.ts'
import { type ParsedStatement, tableOfType } from './parse/parsed-statement.ts'
import { isStackOverflow, ParserFailure } from './parse/parser-failure.ts'
import { SourceText } from './parse/source-text.ts'
import type { Decide, Plan } from './plan.ts'
import { planQuery, planStatement } from './plan-query.ts'
import { actionProblem, boundsSetOff, setOffBy } from './refuse/referential-action.ts'
import { isBearable, viewProblems } from './refuse/through-view.ts'
import type { DecidedMigration } from './resolve/decided-migration.ts'
import { createPlanContext } from './resolve/plan-context.ts'
import { REASONS, type ReasonCode } from './resolve/reasons.ts'
import { calledRowFunction } from './resolve/row-call.ts'
import { Unprovable } from './resolve/unprovable.ts'
import { mergedOvertaken, type Overtaken, overtakenUpserts } from './write/overtaken-upsert.ts'
import { boundsConstrained } from './write/set-constraints.ts'

export interface RewriteInput {
  readonly text: string
  readonly statements: readonly ParsedStatement[]
  readonly catalog: Catalog
  readonly compiled: ReadonlyMap<string, CompiledMigration>
  readonly decide: Decide
}

/** Parse, resolve, edit, apply: plans a text of one or more statements. */
export function rewrite(input: RewriteInput): Plan {
  const { text, statements, catalog } = input
  const decisions = new Map<BoundMigration, Decision>()
  const decide = (bound: BoundMigration): Decision => {
    const known = decisions.get(bound) ?? decisionFor(bound, input.decide(bound))
    decisions.set(bound, known)
    return known
  }
  const edits = new EditList(text)
  const touches = new Set<BoundMigration>()
  const reasons: StatementReason[] = []
  const reads: Record<string, Side> = {}
  const overtaken: Overtaken[] = []
  let refused = false
  const source = new SourceText(text)
  for (const statement of statements) {
    const bounds = touchedBy(statement, catalog)
    if (bounds.length === 0) continue
    for (const bound of bounds) touches.add(bound)
    const result = planOne({ ...input, source, statement, decide })
    reasons.push(...result.reasons)
    refused ||= result.refused
    if (result.edits) edits.addAll(result.edits)
    // What was made from a table says nothing of what that is read from.
    for (const bound of [...bounds].sort((a, b) => Number(a.made === undefined) - Number(b.made === undefined)))
      reads[bound.migration.id] = result.decisionOf(bound).read
    overtaken.push(...overtakenUpserts(statement, catalog, result.decisionOf))
  }
  const applied = edits.count > 0 && !refused ? edits.apply() : undefined
  return {
    outcome: refused ? 'refused' : reasons.length > 0 ? 'kept' : applied ? 'rewritten' : 'unchanged',
    text: applied?.text ?? text,
    command: commandOf(statements[0]?.node),
    reads,
    touches: [...touches],
    reasons,
    ...(overtaken.length > 0 && !refused ? { overtaken: mergedOvertaken(overtaken) } : {}),
    mapPosition: applied?.mapPosition ?? ((position) => position),
  }
}

/** The migrations of the tables that a statement names, directly or through a view, partition, DO block, foreign key or constraint. */
export function touchedBy(statement: ParsedStatement, catalog: Catalog): readonly BoundMigration[] {
  const { query, named, called, types } = statement
  if (query === undefined) return []
  const bounds = new Set<BoundMigration>()
  const add = (all: readonly BoundMigration[]): void => {
    for (const bound of all) if (bound.physical !== 'incomplete') bounds.add(bound)
  }
  const relations = relationsOf(named, catalog)
  for (const { migrations } of relations) add(migrations)
  for (const { through } of relations) for (const { table } of through) add(table.migrations)
  if ('DoStmt' in query) for (const { migrations } of catalog.tables) add(migrations)
  for (const call of called) {
    const returns = calledRowFunction(catalog, call)
    add((returns && catalog.relationOf(returns.relation.oid))?.migrations ?? [])
  }
  const typed = types.flatMap((type) => tableOfType(type) ?? [])
  for (const { migrations } of relationsOf(typed, catalog)) add(migrations)
  add(boundsSetOff(setOffBy(statement, catalog)))
  add(boundsConstrained(statement.constraints, catalog))
  return [...bounds]
}

interface StatementInput extends RewriteInput {
  readonly source: SourceText
  readonly statement: ParsedStatement
}

interface StatementResult {
  readonly edits: EditList | undefined
  readonly reasons: readonly StatementReason[]
  readonly refused: boolean
  readonly decisionOf: (bound: BoundMigration) => Decision
}

/**
 * Plans one statement. What cannot be proven is planned again on the logical side while that is there: a read is right
 * there too, a write is completed by the sync trigger. Otherwise the statement is refused.
 */
function planOne(input: StatementInput): StatementResult {
  const { catalog, compiled, decide, source, statement } = input
  const overrides = new Map<BoundMigration, Decision>()
  const own = new Set<BoundMigration>()
  const reasons: StatementReason[] = []
  // What is as it was on the other side is told once.
  const tell = (problem: Unprovable): void => {
    if (!reasons.some((each) => isSame(each, reasonOf(problem)))) reasons.push(reasonOf(problem))
  }
  const decisionOf = (bound: BoundMigration): Decision => overrides.get(bound) ?? decide(bound)
  const refuse = (): StatementResult => ({ edits: undefined, reasons, refused: true, decisionOf })
  const asItIs = (): StatementResult => ({ edits: undefined, reasons, refused: false, decisionOf })
  const decidedMigrations = decidedMigrationFinder(compiled, decisionOf, (bound) => ({
    creates: createsTable(statement.node),
    volatileFunctions: catalog.volatileFunctions,
    ...(own.has(bound) ? { writesShadow: false } : {}),
  }))

  const unseen = [
    ...viewProblems(statement, { catalog, source, decidedMigrationsOf: decidedMigrations.of }),
    actionProblem(setOffBy(statement, catalog), decidedMigrations.of, (location) => source.offset(location)),
  ]
  for (const problem of unseen) {
    if (problem === undefined) continue
    tell(problem)
    if (!isBearable(problem)) return refuse()
    // The view reads the old column, and so does the rest of the statement.
    const { bound } = problem.decided
    if (problem.concern === 'read') overrides.set(bound, { ...decisionOf(bound), read: 'old' })
  }
  for (const {
    bound,
    compiled: { logicalSide },
    hasLogical,
  } of assignsShadow(statement, catalog, decidedMigrations)) {
    if (hasLogical) overrides.set(bound, { ...decisionOf(bound), read: logicalSide })
    own.add(bound)
  }
  if (own.size > 0 && touchedBy(statement, catalog).length === 1) return asItIs()
  for (;;) {
    const { edits, left, failed } = attempt(input, decidedMigrations)
    if (failed === undefined) {
      for (const problem of left) tell(problem)
      return { edits, reasons, refused: false, decisionOf }
    }
    const unprovable =
      failed.problem instanceof Unprovable ? failed.problem : unsupported(input, decidedMigrations, failed.problem)
    const { concern, decided } = unprovable
    tell(unprovable)
    if (concern === 'read' && decided.read === 'logical') {
      // Values of the logical side are right as they stand; at worst a `*` shows a column more. Without an edit they are
      // all of that side, and nothing is written for the other.
      const other = relationsOf(statement.named, catalog)
        .flatMap(decidedMigrations.of)
        .find(({ read }) => read === 'shadow')
      if (other === undefined) return mustWrite(statement, catalog, decidedMigrations) ? refuse() : asItIs()
      const decision = fallback({ concern: 'read', decided: other })
      if (decision === undefined) return refuse()
      overrides.set(other.bound, decision)
      continue
    }
    const decision = fallback(unprovable)
    const { read, write } = decisionOf(decided.bound)
    if (decision === undefined || (decision.read === read && decision.write === write)) return refuse()
    overrides.set(decided.bound, decision)
  }
}

interface Attempt {
  readonly edits: EditList
  readonly left: readonly Unprovable[]
  /** What ended it. */
  readonly failed: { readonly problem: unknown } | undefined
}

/** Plans a statement under decisions that stand, again as long as tables turn out to be needed behind a sub-select. */
function attempt(
  { catalog, source, statement: { query } }: StatementInput,
  { fresh }: DecidedMigrationFinder,
): Attempt {
  const wanted = new Set<RangeVar>()
  for (;;) {
    const derived = new Set(wanted)
    const known = wanted.size
    const context = createPlanContext({
      ...{ planQuery, source, catalog, derived, wanted, decidedMigrations: fresh() },
      ...{
        edits: new EditList(source.text),
        asOn: new Map(),
        examined: new Set(),
        migratingJoins: new Map(),
        once: [],
        rows: [],
        left: [],
      },
    })
    const failed = failureOf(() => {
      if (query) planStatement(context, query)
      context.edits.check()
    })
    // What has failed may not, once they are there.
    if (wanted.size === known) return { edits: context.edits, left: context.left, failed }
  }
}

function failureOf(work: () => void): Attempt['failed'] {
  try {
    work()
    return undefined
  } catch (problem) {
    return { problem }
  }
}

/** True for a statement that would leave the other side behind if it were sent as it is. */
function mustWrite(
  { insertsInto, assigned }: ParsedStatement,
  catalog: Catalog,
  { of }: DecidedMigrationFinder,
): boolean {
  const concerned = (nodes: readonly RangeVar[]): readonly DecidedMigration[] =>
    relationsOf(nodes, catalog)
      .flatMap(of)
      .filter(({ writesShadow, bound }) => writesShadow && !bound.syncTrigger)
  const assigns = assigned.some(({ relation, column }) =>
    concerned([relation]).some(({ compiled }) => compiled.logical.includes(column)),
  )
  return assigns || concerned(insertsInto).length > 0
}

/** The decision under which an unprovable statement is right after all; undefined: there is none. */
function fallback({ concern, decided }: Pick<Unprovable, 'concern' | 'decided'>): Decision | undefined {
  if (!decided.hasLogical || !decided.hasShadow) return undefined
  const side = decided.compiled.logicalSide
  if (concern === 'read')
    return decided.read === 'shadow' && decided.writesLogical
      ? { read: side, write: decided.writesShadow ? 'both' : side }
      : undefined
  return decided.bound.syncTrigger ? { read: decided.read === 'logical' ? side : other(side), write: side } : undefined
}

const other = (side: Side): Side => (side === 'old' ? 'new' : 'old')

/** A tree of so many levels can always be walked, unless the application has used up the stack itself. */
const MAX_SHALLOW = 300

/** A statement that the rewriter failed on: its writes must not pass, nor may it read what could be something else. */
function unsupported(
  { statement, catalog }: StatementInput,
  { of }: DecidedMigrationFinder,
  problem: unknown,
): Unprovable {
  if (problem instanceof ParserFailure) throw problem
  const tooDeep = isStackOverflow(problem)
  // It is not the text's fault, and may be otherwise next time.
  if (tooDeep && statement.depth < MAX_SHALLOW) throw new ParserFailure('too-deep', problem)
  const code = tooDeep ? 'too-deep' : 'unsupported'
  const written = relationsOf(statement.written, catalog).flatMap(of)
  const touched = new Set(touchedBy(statement, catalog))
  const named = [...relationsOf(statement.named, catalog), ...catalog.tables]
    .flatMap(of)
    .filter(({ bound }) => touched.has(bound))
  const writes = written.find((decided) => decided.writesShadow)
  const reads = named.find((decided) => decided.read === 'shadow') ?? named[0]
  const concerned = writes ?? reads
  if (concerned === undefined) throw new RangeError('a statement without a migrating table', { cause: problem })
  const unprovable = new Unprovable(writes ? 'write' : 'read', concerned, code)
  return tooDeep ? unprovable : Object.assign(unprovable, { cause: problem })
}

const isSame = (one: StatementReason, other: StatementReason): boolean =>
  one.migration === other.migration && one.code === other.code && one.position === other.position

function reasonOf({ decided, code, position, cause }: Unprovable): StatementReason {
  const { what, remedy } = REASONS[code satisfies ReasonCode]
  const { id, table } = decided.bound.migration
  const message = `${what} (migration ${id} of the table ${table.name}) ${remedy}`
  return { migration: id, code, message, position, ...(cause === undefined ? {} : { cause }) }
}
