import type { Decision, Migration, StatementReason } from '@expand-contract/core'
import type { BoundMigration, Catalog, RelationName } from './catalog/catalog.ts'
import type { CompiledMigration } from './mapping/compiled-migration.ts'
import { commandOf } from './parse/carried-query.ts'
import { type ParsedStatement, tableOfType } from './parse/parsed-statement.ts'
import { ParserFailure } from './parse/parser-failure.ts'
import type { Decide, Plan, SessionFacts, TextPlanner } from './plan.ts'
import { type SeveralStatements, severalStatements } from './refuse/several-statements.ts'
import { REASONS, type ReasonCode } from './resolve/reasons.ts'
import { calledRowFunction } from './resolve/row-call.ts'
import { rewrite, touchedBy } from './rewrite.ts'

export interface TextToPlan {
  readonly text: string
  readonly catalog: Catalog
  readonly compiled: ReadonlyMap<string, CompiledMigration>
  /** Those that are left out of plans included. */
  readonly migrations: readonly Migration[]
  /** Parses the text, or remembers what it was parsed to. */
  readonly statements: () => readonly ParsedStatement[]
  /** False when it cannot name a migrating table. */
  readonly mayTouch: () => boolean
}

/** The decisions taken so far, one for each migration in turn; behind the last one is the plan. */
interface Variant {
  readonly decisions: readonly Decision[]
  /** By the last of their decisions; there are four decisions at most. */
  readonly next: Variant[]
  plan: Plan | undefined
}

interface ReadText {
  readonly command: string
  readonly touches: readonly BoundMigration[]
  readonly variants: Variant
  /** Where no migration is touched. */
  readonly untouched: Plan | undefined
  readonly several: SeveralStatements | undefined
}

export interface DecidedPlanner extends TextPlanner {
  /** The decisions that one of its plans was made with, to plan another text, or later, with the same. */
  decidedAs(plan: Plan): Decide | undefined
}

/** A text that failed may be readable later, since the stack's end moves; one statement asks several times, and a failure takes long. */
const FAILURE_LASTS_MS = 500

/**
 * One text under one catalog: read once, and planned once for each combination of decisions. A class, since an object with a
 * getter of its own costs V8 a hidden class (see `FillingPlanner`).
 */
export class PlannedText implements DecidedPlanner {
  readonly #input: TextToPlan
  #read: ReadText | undefined
  #failure: ParserFailure | undefined
  #failedAt = 0
  #decisions: Map<Plan, Decide> | undefined

  constructor(input: TextToPlan) {
    this.#input = input
  }

  decidedAs(plan: Plan): Decide | undefined {
    return this.#decisions?.get(plan)
  }

  get failed(): boolean {
    return this.#failure !== undefined
  }

  missing(): readonly RelationName[] {
    if (this.#read !== undefined) return NOTHING
    if (this.#failure !== undefined && Math.abs(Date.now() - this.#failedAt) < FAILURE_LASTS_MS) return NOTHING
    this.#failure = undefined
    try {
      return missingIn(this.#input.statements(), this.#input.catalog)
    } catch (error) {
      this.#failure = failureIn(error)
      this.#failedAt = Date.now()
      return NOTHING
    }
  }

  plan(decide: Decide, session?: SessionFacts): Plan {
    try {
      if (this.#failure !== undefined) throw this.#failure
      return this.#planned(decide, session)
    } catch (error) {
      return notRead(this.#input, failureIn(error))
    }
  }

  #planned(decide: Decide, session?: SessionFacts): Plan {
    const input = this.#input
    this.#read ??= readText(input)
    const { touches, variants, untouched, several } = this.#read
    if (session?.standardConformingStrings === false && input.text.includes('\\'))
      return refused(
        input,
        touches.length > 0 ? touches : boundIn(input.text, input.catalog),
        'backslash-strings',
        this.#read.command,
      )
    const inText = session?.pathChangedInTransaction === true ? several?.refusedAtEnd : several?.refused
    if (inText !== undefined) {
      const reasons = inText.migrations.map((migration) => reasonFor(migration, inText.code))
      return { ...unchanged(input.text, inText.command), outcome: 'refused', touches, reasons }
    }
    if (untouched !== undefined) return untouched
    let variant = variants
    for (const bound of touches) variant = nextVariant(variant, decide(bound))
    if (variant.plan === undefined) {
      const { plan, decided } = planWith(input, touches, variant.decisions, decide)
      this.#decisions ??= new Map()
      this.#decisions.set(plan, decided)
      variant.plan = plan
    }
    return variant.plan
  }
}

/** Everything that is not the text's own fault is a reason to send nothing. */
const failureIn = (error: unknown): ParserFailure =>
  error instanceof ParserFailure ? error : new ParserFailure('parser-failed', error)

/** A text of which nothing is known may write whatever it names. */
function notRead(input: TextToPlan, { code }: ParserFailure): Plan {
  const { text, catalog, compiled, mayTouch } = input
  const [word = ''] = /[a-z]+/iu.exec(text) ?? []
  const bounds = mayTouch() ? boundIn(text, catalog) : []
  const differing = bounds.filter(
    ({ migration, physical, held, displaced }) =>
      held || displaced || compiled.get(migration.id)?.logicalSide !== physical,
  )
  return differing.length === 0 ? unchanged(text, '') : refused(input, differing, code, word.toUpperCase())
}

const NOTHING: readonly RelationName[] = Object.freeze([])

function planWith(
  { text, catalog, compiled, statements }: TextToPlan,
  touches: readonly BoundMigration[],
  decisions: readonly Decision[],
  decide: Decide,
): { readonly plan: Plan; readonly decided: Decide } {
  const decisionOf = (bound: BoundMigration): Decision => decisions[touches.indexOf(bound)] ?? decide(bound)
  const plan = rewrite({ text, statements: statements(), catalog, compiled, decide: decisionOf })
  return { plan, decided: decisionOf }
}

const noVariant = (decisions: readonly Decision[]): Variant => ({ decisions, next: [], plan: undefined })

function nextVariant({ decisions, next }: Variant, decision: Decision): Variant {
  for (const known of next) if (known.decisions[decisions.length] === decision) return known
  const made = noVariant([...decisions, decision])
  next.push(made)
  return made
}

function readText(input: TextToPlan): ReadText {
  const { text, catalog, statements } = input
  const parsed = statements()
  const touches = [...new Set(parsed.flatMap((statement) => touchedBy(statement, catalog)))]
  const command = commandOf(parsed[0]?.node)
  const untouched = touches.length === 0 ? unchanged(text, command) : undefined
  return { command, touches, variants: noVariant([]), untouched, several: severalStatements(parsed, input) }
}

function missingIn(statements: readonly ParsedStatement[], catalog: Catalog): readonly RelationName[] {
  const missing: RelationName[] = []
  const want = ({ schema, name }: RelationName): void => {
    if (!missing.some((each) => each.schema === schema && each.name === name)) missing.push({ schema, name })
  }
  for (const { named, types, called } of statements) {
    for (const { schemaname, relname = '' } of named)
      if (catalog.relation(schemaname, relname) === undefined) want({ schema: schemaname, name: relname })
    for (const type of types) {
      const { schemaname, relname = '' } = tableOfType(type) ?? {}
      const ours = catalog.tables.some((table) => table.name === relname)
      if (ours && catalog.relation(schemaname, relname) === undefined) want({ schema: schemaname, name: relname })
    }
    for (const call of called) {
      const relation = calledRowFunction(catalog, call)?.relation
      if (relation !== undefined && catalog.relationOf(relation.oid) === undefined) want(relation)
    }
  }
  return missing.length === 0 ? NOTHING : missing
}

function unchanged(text: string, command: string): Plan {
  return {
    outcome: 'unchanged',
    text,
    command,
    reads: {},
    touches: [],
    reasons: [],
    mapPosition: (position) => position,
  }
}

/** The migrations of the tables whose names are in a text that was not understood; of all of them where it has another name of one. */
function boundIn(text: string, catalog: Catalog): readonly BoundMigration[] {
  const lower = text.toLowerCase()
  const has = (name: string): boolean => lower.includes(name.toLowerCase().replaceAll('"', '""'))
  const named = catalog.tables.filter((table) => has(table.name))
  const certain = named.length > 0 && !catalog.aliases.some(has) && !lower.includes('u&"')
  const bounds = (certain ? named : catalog.tables).flatMap((table) => table.migrations)
  return bounds.filter((bound) => bound.physical !== 'incomplete')
}

/** The text may be any statement on these tables. */
function refused({ text }: TextToPlan, touches: readonly BoundMigration[], code: ReasonCode, command: string): Plan {
  const reasons = touches.map(({ migration }) => reasonFor(migration, code))
  return { ...unchanged(text, command), outcome: 'refused', touches, reasons }
}

function reasonFor({ id, table }: Migration, code: ReasonCode): StatementReason {
  const { what, remedy } = REASONS[code]
  const message = `${what} (migration ${id} of the table ${table.name}) ${remedy}`
  return { migration: id, code, message, position: undefined }
}
