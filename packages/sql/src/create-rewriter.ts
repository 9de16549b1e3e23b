import type { Decision, Migration } from '@expand-contract/core'
import { LRUCache } from 'lru-cache'
import type { BoundMigration, Catalog } from './catalog.ts'
import { compileMigration } from './compiled-migration.ts'
import { type ParsedStatement, readStatement } from './parsed-statement.ts'
import { parse } from './parser.ts'
import type { Decide, Plan, RelationName, Rewriter, SessionFacts } from './plan.ts'
import { REASONS } from './reasons.ts'
import { rewrite, touchedBy } from './rewrite.ts'
import { commandOf } from './statement.ts'

export interface RewriterOptions {
  readonly migrations: readonly Migration[]
  /**
   * Texts whose plans are kept, each with one variant per combination of read sides. A plan costs about twice its text
   * in memory; a text that is planned anew costs 0.1 to 0.5 ms. @defaultValue 1000
   */
  readonly maxPlans?: number
}

/** Texts longer than this are planned anew each time: they are bulk loads with inlined values, which do not come again. */
const MAX_CACHED_LENGTH = 65_536

/** Trees are large, and wanted again only until each read side has its plan. */
const MAX_TREES = 100

const NOTHING: readonly RelationName[] = Object.freeze([])

interface PlannedText {
  readonly command: string
  readonly touches: readonly BoundMigration[]
  readonly variants: Variant
}

/** The decisions taken so far, one for each migration in turn; behind the last one is the plan. */
interface Variant {
  readonly decisions: readonly Decision[]
  readonly next: Map<Decision, Variant>
  plan: Plan | undefined
}

/**
 * Makes the rewriter for a set of migrations; `loadParser` must have been awaited.
 * @throws EC_EXPRESSION, EC_MAPPING_COLUMN for a mapping that PostgreSQL's grammar does not accept
 */
export function createRewriter({ migrations, maxPlans = 1000 }: RewriterOptions): Rewriter {
  const compiled = new Map(migrations.map((migration) => [migration.id, compileMigration(migration)]))
  const parsed = new LRUCache<string, readonly ParsedStatement[]>({ max: MAX_TREES })
  const planned = new WeakMap<Catalog, LRUCache<string, PlannedText>>()
  const namesOf = nameMatcher(migrations)

  const statementsOf = (text: string): readonly ParsedStatement[] => {
    const known = parsed.get(text)
    if (known) return known
    const statements = (parse(text) ?? []).flatMap(({ stmt }) => (stmt ? [readStatement(stmt)] : []))
    if (text.length <= MAX_CACHED_LENGTH) parsed.set(text, statements)
    return statements
  }
  let [lastCatalog, lastPlans]: [Catalog | undefined, LRUCache<string, PlannedText> | undefined] = [
    undefined,
    undefined,
  ]
  const plansOf = (catalog: Catalog): LRUCache<string, PlannedText> => {
    if (catalog === lastCatalog && lastPlans !== undefined) return lastPlans
    const known = planned.get(catalog) ?? new LRUCache<string, PlannedText>({ max: maxPlans })
    planned.set(catalog, known)
    lastCatalog = catalog
    lastPlans = known
    return known
  }
  const entryOf = (text: string, catalog: Catalog): PlannedText => {
    const plans = plansOf(catalog)
    const known = plans.get(text)
    if (known) return known
    const entry = readText(statementsOf(text), catalog)
    if (text.length <= MAX_CACHED_LENGTH) plans.set(text, entry)
    return entry
  }

  return Object.freeze({
    mayTouch: (text: string, catalog: Catalog | undefined) => namesOf(catalog).test(text),
    missing: (text: string, catalog: Catalog) =>
      plansOf(catalog).has(text) ? NOTHING : missingIn(statementsOf(text), catalog),
    plan(text: string, catalog: Catalog, decide: Decide, session?: SessionFacts): Plan {
      const { command, touches, variants } = entryOf(text, catalog)
      if (session?.standardConformingStrings === false && text.includes('\\'))
        return backslashes(text, command, touches.length > 0 ? touches : boundIn(text, catalog))
      if (touches.length === 0) return untouched(text, command)
      let variant = variants
      for (const bound of touches) variant = nextVariant(variant, decide(bound))
      const { decisions } = variant
      const decisionOf = (bound: BoundMigration): Decision => decisions[touches.indexOf(bound)] ?? decide(bound)
      variant.plan ??= rewrite({ text, statements: statementsOf(text), catalog, compiled, decide: decisionOf })
      return variant.plan
    },
  })
}

const noVariant = (decisions: readonly Decision[]): Variant => ({ decisions, next: new Map(), plan: undefined })

function nextVariant({ decisions, next }: Variant, decision: Decision): Variant {
  const known = next.get(decision)
  if (known) return known
  const made = noVariant([...decisions, decision])
  next.set(decision, made)
  return made
}

/** Matches every text that can name a migrating table, whatever the case, the quotes or the escapes. */
function nameMatcher(migrations: readonly Migration[]): (catalog: Catalog | undefined) => RegExp {
  const tables = migrations.map((migration) => migration.table.name)
  const matcher = (names: readonly string[]): RegExp => {
    const patterns = [...new Set(names)].map((name) =>
      name.replaceAll('"', '""').replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'),
    )
    return patterns.length === 0 ? /(?!)/u : new RegExp(`${patterns.join('|')}|U&"`, 'iu')
  }
  const own = matcher(tables)
  const known = new WeakMap<Catalog, RegExp>()
  return (catalog) => {
    if (catalog === undefined || catalog.aliases.length === 0) return own
    const found = known.get(catalog) ?? matcher([...tables, ...catalog.aliases])
    known.set(catalog, found)
    return found
  }
}

function readText(statements: readonly ParsedStatement[], catalog: Catalog): PlannedText {
  const touches = statements.flatMap((statement) => touchedBy(statement, catalog))
  return { command: commandOf(statements[0]?.node), touches: [...new Set(touches)], variants: noVariant([]) }
}

function missingIn(statements: readonly ParsedStatement[], catalog: Catalog): readonly RelationName[] {
  const missing = new Map<string, RelationName>()
  for (const node of statements.flatMap((statement) => statement.named)) {
    const [schema, name] = [node.schemaname, node.relname ?? '']
    if (catalog.relation(schema, name) === undefined) missing.set(JSON.stringify([schema, name]), { schema, name })
  }
  return [...missing.values()]
}

function untouched(text: string, command: string): Plan {
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

/** The migrations of the tables whose names are in a text that was not understood. */
function boundIn(text: string, catalog: Catalog): readonly BoundMigration[] {
  const lower = text.toLowerCase()
  const named = catalog.tables.filter((table) => lower.includes(table.name.toLowerCase()))
  const bounds = (named.length > 0 ? named : catalog.tables).flatMap((table) => table.migrations)
  return bounds.filter((bound) => bound.physical !== 'incomplete')
}

/** The text reads differently from what the parser takes it for, so it may be any statement on these tables. */
function backslashes(text: string, command: string, touches: readonly BoundMigration[]): Plan {
  const { what, remedy } = REASONS['backslash-strings']
  const reasons = touches.map(({ migration }) => ({
    migration: migration.id,
    code: 'backslash-strings',
    message: `${what} (migration ${migration.id} of the table ${migration.table.name}) ${remedy}`,
    position: undefined,
  }))
  return { ...untouched(text, command), outcome: 'refused', touches, reasons }
}
