import { escapePattern, type Migration, mentions } from '@expand-contract/core'
import { LRUCache } from 'lru-cache'
import type { Catalog } from './catalog/catalog.ts'
import { compileMigration } from './mapping/compiled-migration.ts'
import { type ParsedStatement, readStatement } from './parse/parsed-statement.ts'
import { parse } from './parse/parser.ts'
import type { Rewriter, TextPlanner } from './plan.ts'
import { shapeOf } from './shape/text-shape.ts'
import { ShapePlans } from './shape-planner.ts'
import { PlannedText } from './text-planner.ts'

/** What is known under one catalog. */
interface Planners {
  readonly texts: LRUCache<string, TextPlanner>
  readonly shapes: LRUCache<string, ShapePlans | 'once'>
}

export interface RewriterOptions {
  readonly migrations: readonly Migration[]
  /** Ids of migrations that are left out of plans: texts that name their tables are planned as if they had not begun. @defaultValue none */
  readonly without?: ReadonlySet<string>
  /**
   * Texts, and shapes of texts, whose plans are kept, each with one variant per combination of read sides. A plan costs about twice
   * its text in memory; a text of a shape that is not known costs 0.1 to 0.5 ms. @defaultValue 1000
   */
  readonly maxPlans?: number
}

/** Longer texts are not kept: they are bulk loads with inlined values, which do not come again. */
const MAX_CACHED_LENGTH = 65_536

/** All texts whose plans are kept together, in characters: their plans are as long again. */
const MAX_CACHED = 4_194_304

/** A list in a longer text is planned by its shape at once; of a shorter one the second text of a shape is. */
const MIN_BULK = 4_096

/**
 * Trees are large, and wanted again only until each read side has its plan. 100 of them live long enough for V8 to take them for
 * old, and its young generation grows for it: 50 MiB of a process that sends new shapes all the time.
 */
const MAX_TREES = 8

/**
 * Makes the rewriter for a set of migrations; `loadParser` must have been awaited.
 * @throws EC_EXPRESSION, EC_MAPPING_COLUMN for a mapping that PostgreSQL's grammar does not accept
 */
export function createRewriter({ migrations, without, maxPlans = 1000 }: RewriterOptions): Rewriter {
  const used = migrations.filter(({ id }) => without?.has(id) !== true)
  const compiled = new Map(used.map((migration) => [migration.id, compileMigration(migration)]))
  const parsed = new LRUCache<string, readonly ParsedStatement[]>({ max: MAX_TREES })
  const planners = new WeakMap<Catalog, Planners>()
  const namesOf = nameMatcher(migrations)

  const read = (text: string): readonly ParsedStatement[] =>
    (parse(text) ?? []).flatMap(({ stmt }) => (stmt ? [readStatement(stmt)] : []))
  const remembered = (text: string): readonly ParsedStatement[] => {
    const known = parsed.get(text) ?? read(text)
    parsed.set(text, known)
    return known
  }
  const plannersOf = (catalog: Catalog): Planners => {
    const known = planners.get(catalog) ?? {
      texts: new LRUCache<string, TextPlanner>({
        max: maxPlans,
        maxSize: MAX_CACHED,
        sizeCalculation: (_, text) => text.length + 1,
      }),
      shapes: new LRUCache<string, ShapePlans | 'once'>({ max: maxPlans }),
    }
    planners.set(catalog, known)
    return known
  }
  const alone = (text: string, catalog: Catalog): TextPlanner => {
    const statements = text.length <= MAX_CACHED_LENGTH ? () => remembered(text) : once(() => read(text))
    return new PlannedText({ ...common(catalog), text, statements, mayTouch: () => namesOf(catalog)(text) })
  }
  const common = (catalog: Catalog) => ({ catalog, compiled, migrations })
  const shapesOf = (catalog: Catalog): ShapePlans =>
    new ShapePlans({
      fresh: (text) => alone(text, catalog),
      of: (text, roots) => {
        const statements = roots.map(readStatement)
        return new PlannedText({ ...common(catalog), text, statements: () => statements, mayTouch: () => true })
      },
      parse: (text) => parse(text)?.flatMap(({ stmt }) => stmt ?? []),
    })
  const byShape = (text: string, catalog: Catalog, { shapes }: Planners): TextPlanner | undefined => {
    const shape = shapeOf(text)
    if (shape === undefined) return undefined
    const known = shapes.get(shape.key)
    if (known === undefined && (shape.runs.length === 0 || text.length < MIN_BULK)) {
      shapes.set(shape.key, 'once')
      return undefined
    }
    const plans = known === undefined || known === 'once' ? shapesOf(catalog) : known
    if (plans !== known) shapes.set(shape.key, plans)
    return plans.planner(shape)
  }
  const planner = (text: string, catalog: Catalog): TextPlanner => {
    const ofCatalog = plannersOf(catalog)
    const known = ofCatalog.texts.get(text)
    if (known) return known
    // Made by its shape again for less than it takes to be remembered.
    const shaped = byShape(text, catalog, ofCatalog)
    if (shaped) return shaped
    const made = alone(text, catalog)
    if (text.length <= MAX_CACHED_LENGTH) ofCatalog.texts.set(text, made)
    return made
  }

  return Object.freeze({
    mayTouch: (text: string, catalog: Catalog | undefined) => namesOf(catalog)(text),
    planner,
  })
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

type NameMatcher = (text: string) => boolean

/** True for every text that can name a migrating table, or a constraint that has a counterpart, whatever the case, the quotes or the escapes. */
function nameMatcher(migrations: readonly Migration[]): (catalog: Catalog | undefined) => NameMatcher {
  const tables = migrations.flatMap(({ app, table, constraints }) => [
    table.name,
    ...(app === 'old' ? Object.keys(constraints) : Object.values(constraints)),
  ])
  const own = matcherOf(tables)
  const known = new WeakMap<Catalog, NameMatcher>()
  return (catalog) => {
    if (catalog === undefined || catalog.aliases.length === 0) return own
    const found = known.get(catalog) ?? matcherOf([...tables, ...catalog.aliases])
    known.set(catalog, found)
    return found
  }
}

/** One pattern for all names, since every statement pays for it (0.1 us; the tokens would cost 2 to 5): where it finds something, a parser has the word. */
function matcherOf(names: readonly string[]): NameMatcher {
  if (names.length === 0) return () => false
  const written = new RegExp(
    [...new Set(names)].map((name) => escapePattern(name.replaceAll('"', '""'))).join('|'),
    'iu',
  )
  return (text) => written.test(text) || (ESCAPED_NAME.test(text) && mentions(text, names))
}

const ESCAPED_NAME = /U&"/iu
