import type { CatalogPhases, ExpandContractError, KnownCatalog, PhasesInCatalog } from '@expand-contract/core'
import {
  type Catalog,
  type CatalogInput,
  createCatalog,
  type MappingFunction,
  mappingFunctions,
  type RelationName,
  type ResolvedRelation,
  type Rewriter,
  STABLE_FUNCTIONS,
  TABLE_FUNCTIONS,
} from '@expand-contract/sql'
import { LRUCache } from 'lru-cache'
import type { Asking, OwnQueryResult } from '../own-query/own-query.ts'
import { KnownTexts } from '../text/known-texts.ts'
import { absentTypes, declaredTypes, withoutModifiers } from './absent-types.ts'
import { type CatalogContent, watchedOf } from './catalog-content.ts'
import { CONTENT_QUERY, STAMP_QUERY } from './catalog-query.ts'
import { CatalogReports, type ReportOptions } from './catalog-reports.ts'
import { CatalogSnapshot } from './catalog-snapshot.ts'
import { inheritedConflict, inheritedConflictError } from './inherited-conflict.ts'
import { VolatileFunctions } from './mapping-functions.ts'
import { phaseValues, readPhases, readPlaces, withPhases } from './phases-in-catalog.ts'
import { relationFacts } from './relation-facts.ts'

/** Names beyond these are forgotten and asked for again: an application may invent names without end. */
const MAX_REQUESTED = 2_000

/** Search paths beyond these are forgotten, first those used longest ago: a path of a session with temporary tables is its own. */
const MAX_PATHS = 500

export interface CatalogStoreOptions extends ReportOptions {
  /** Must not be called before the parser is there. */
  readonly rewriter: () => Rewriter
  readonly leaseMs: number
  /** Where phases are read with the catalog. @defaultValue they are not */
  readonly phasesInCatalog?: PhasesInCatalog | undefined
  readonly brokenMappings: ReadonlyMap<string, ExpandContractError>
  /** Tells what no statement would be sent for, and refuses nothing: to look at a database. @defaultValue false */
  readonly lenient?: boolean
  /** Called with what each catalog is made of. @defaultValue nothing */
  readonly onInput?: (input: CatalogInput) => void
}

export interface LoadRequest {
  /** What is known for the session's search path, if anything. */
  readonly known: CatalogSnapshot | undefined
  /** Names to load besides those of the migrations and of `known`. */
  readonly missing: readonly RelationName[]
  /** The session sees catalog rows that others do not (its own DDL, an old MVCC snapshot), so the result is its own. */
  readonly ownCatalog: boolean
  /** When the open transaction began, by Date.now(); undefined outside of one. */
  readonly begunAt: number | undefined
}

export interface LoadResult {
  readonly snapshot: CatalogSnapshot
  /** The transaction reads the catalog as it was when it began. */
  readonly fixedSnapshot: boolean
  /** What this query has read of the phases: in such a transaction others may know newer ones. */
  readonly phases: CatalogPhases | undefined
}

/** The catalog snapshots of one runtime, by search path, shared by all of its clients. */
export class CatalogStore {
  readonly leaseMs: number
  readonly #options: CatalogStoreOptions
  readonly #byPath = new LRUCache<string, CatalogSnapshot>({ max: MAX_PATHS })
  readonly #wanted: readonly RelationName[]
  readonly #declared: readonly string[]
  readonly #ids: readonly string[]
  #mappingFunctions: readonly MappingFunction[] | undefined
  readonly #reports: CatalogReports
  readonly #volatile: VolatileFunctions
  /** Counts the changes that this process made, so that an answer from before one does not pass as fresh. */
  #epoch = 0

  constructor(options: CatalogStoreOptions) {
    this.leaseMs = options.leaseMs
    this.#options = options
    this.#reports = new CatalogReports(options)
    this.#volatile = new VolatileFunctions(options.lenient === true)
    this.#wanted = distinct(options.migrations.map((migration) => migration.table))
    this.#declared = declaredTypes(options.migrations)
    this.#ids = options.migrations.map(({ id }) => id)
  }

  /** False until a catalog has been loaded for the first time. */
  get started(): boolean {
    return this.#byPath.size > 0
  }

  get(path: string): CatalogSnapshot | undefined {
    return this.#byPath.get(path)
  }

  /** What statements may be sent on, and until when. */
  known(): readonly KnownCatalog[] {
    return [...this.#byPath.values()].map(({ phases, loadedAt }) => ({ phases, until: loadedAt + this.leaseMs }))
  }

  /** This process changed the catalog: every snapshot must be renewed before it is used again. */
  expireAll(): void {
    this.#epoch++
    for (const snapshot of this.#byPath.values()) snapshot.expired()
  }

  /** Brings the snapshot of the session's search path up to date. */
  *load(request: LoadRequest): Asking<LoadResult> {
    const { known } = request
    const shared = known !== undefined && this.#byPath.get(known.path) === known
    if (shared) known.claimed(this.leaseMs)
    try {
      return yield* this.#load(request)
    } catch (error) {
      if (shared) known.refreshAt = known.loadedAt + this.leaseMs / 2
      throw error
    }
  }

  *#load(request: LoadRequest): Asking<LoadResult> {
    const { known, missing, begunAt } = request
    const at = Date.now()
    const epoch = this.#epoch
    let stamp: string | undefined
    if (known !== undefined && missing.length === 0) {
      const answer = first((yield this.#stampQuery(known)).rows)
      if (answer.path !== known.path)
        return yield* this.#load({ ...request, known: this.#byPath.get(text(answer.path)) })
      const fixedSnapshot = begunAt !== undefined && isFrozen(answer.isolation)
      stamp = text(answer.stamp)
      const phases = this.#phasesOf(answer.phases)
      // Other clients may know more than an old snapshot shows, but not when they have not asked since it was taken.
      if (stamp === known.stamp || (fixedSnapshot && known.loadedAt >= begunAt)) {
        if (!fixedSnapshot && epoch === this.#epoch) known.renewed(at, this.leaseMs)
        if (!fixedSnapshot) known.phasesRead(answer.phases, this.#readPhases)
        return { snapshot: known, fixedSnapshot, phases }
      }
    }
    const requested = known === undefined || known.requested.length > MAX_REQUESTED ? [] : known.requested
    const names = this.#migratingFirst(distinct([...this.#wanted, ...requested, ...missing]))
    const answer = first((yield this.#contentQuery(names, known?.digest)).rows)
    const path = text(answer.path)
    if (known !== undefined && path !== known.path)
      return yield* this.#load({ ...request, known: this.#byPath.get(path) })

    const fixedSnapshot = begunAt !== undefined && isFrozen(answer.isolation)
    const apart = request.ownCatalog || fixedSnapshot
    const content = answer.content == null ? known : yield* this.#catalogOf(answer, names, begunAt !== undefined)
    if (content === undefined) throw new RangeError('the catalog query left out content that is not known')
    const facts = { texts: content.texts, watched: content.watched, digest: text(answer.digest), requested: names }
    const snapshot = apart || known === undefined ? new CatalogSnapshot(path, facts) : known
    // The stamp was taken before content that turned out the same, so it stands for it.
    snapshot.replaced(facts, known?.digest === facts.digest ? stamp : undefined)
    snapshot.phasesRead(answer.phases, this.#readPhases)
    if (apart || epoch === this.#epoch) snapshot.renewed(at, this.leaseMs)
    else snapshot.expired()
    if (!apart) {
      this.#share(snapshot)
      if ('writers' in content) yield* this.#reports.warnOfWriters(snapshot.catalog, content.writers)
    }
    return { snapshot, fixedSnapshot, phases: this.#phasesOf(answer.phases) }
  }

  /** Asked for once a catalog is read: the parser is there then. */
  get #called(): readonly MappingFunction[] {
    this.#mappingFunctions ??= mappingFunctions(this.#options.migrations)
    return this.#mappingFunctions
  }

  /** @throws EC_VOLATILE_FUNCTION */
  #checkFunctions(content: CatalogContent, catalog: Catalog): void {
    for (const { code, message, migration } of this.#volatile.check({ called: this.#called, content, catalog }))
      this.#reports.warn({ code, message, migration })
  }

  /**
   * At first no statement is sent while the database contradicts a declaration. Later it is told once: statements of a
   * running application that were right so far must not begin to fail.
   */
  #refuseAtFirst(error: ExpandContractError): void {
    if (!this.started && this.#options.lenient !== true) throw error
    const { code, message, migration } = error
    this.#options.observer.onWarning?.({ code, message, migration })
  }

  #share(snapshot: CatalogSnapshot): void {
    this.#byPath.set(snapshot.path, snapshot)
    this.#reports.loaded(snapshot)
  }

  /** A table that is declared without a schema is every table of its name. */
  #isMigrating({ schema, name }: RelationName): boolean {
    return this.#wanted.some((table) => table.name === name && (table.schema === undefined || table.schema === schema))
  }

  #migratingFirst(names: readonly RelationName[]): readonly RelationName[] {
    const migrating = names.filter((name) => this.#isMigrating(name))
    return distinct([...migrating, ...names])
  }

  #stampQuery(known: CatalogSnapshot) {
    const { requested, watched } = known
    const { relations, family, functions, types, widths } = watched
    const names = [requested.map(nameOf), requested.map(schemaOf)]
    return this.#withPhases(STAMP_QUERY, [...names, relations, family, functions, types, widths])
  }

  #contentQuery(names: readonly RelationName[], digest: string | undefined) {
    const migrating = names.filter((name) => this.#isMigrating(name)).length
    const called = this.#called
    const values = [
      ...[names.map(nameOf), names.map(schemaOf), migrating, this.#declared.map(withoutModifiers), digest ?? null],
      ...[called.map(nameOf), called.map(schemaOf), [...STABLE_FUNCTIONS]],
      [...TABLE_FUNCTIONS.keys()],
      this.#options.migrations.flatMap((migration) => migration.new.map(({ name }) => name)),
    ]
    return this.#withPhases(CONTENT_QUERY, values, '$1')
  }

  #withPhases(text: string, values: readonly unknown[], names?: string) {
    const { phasesInCatalog } = this.#options
    if (phasesInCatalog === undefined) return { text, values }
    return {
      text: withPhases(text, values.length, names),
      values: [...values, ...phaseValues(phasesInCatalog, this.#ids)],
    }
  }

  readonly #readPhases = (answer: string | null): CatalogPhases => readPhases(answer, this.#ids)

  #phasesOf(answer: string | null | undefined): CatalogPhases | undefined {
    return answer === undefined ? undefined : this.#readPhases(answer)
  }

  *#catalogOf(answer: OwnQueryResult['rows'][number], names: readonly RelationName[], inTransaction: boolean) {
    const content: CatalogContent = JSON.parse(text(answer.content))
    const { migrations } = this.#options
    const facts = relationFacts(content, { migrations, places: readPlaces(answer.phases) })
    const relations = names.map<ResolvedRelation>((name, index) => {
      const oid = content.resolved[index]
      return { schema: name.schema, name: name.name, facts: (oid == null ? undefined : facts.get(oid)) ?? null }
    })
    const absent = yield* absentTypes({
      migrations: migrations.filter(({ id }) => !this.#options.brokenMappings.has(id)),
      inTransaction,
      lenient: this.#options.lenient === true,
      tablesOf: ({ table: { schema, name } }) =>
        [...facts.values()].filter(
          (each) => each.kind === 'table' && each.name === name && (schema === undefined || each.schema === schema),
        ),
      declaredOid: (type) => content.declared?.[this.#declared.indexOf(type)] ?? undefined,
    })
    const aliases = [...new Set([...(content.family ?? []).map(nameOf), ...(content.alike ?? [])])].sort()
    const { volatileFunctions, setFunctions } = content
    const input: CatalogInput = {
      migrations,
      relations,
      absent,
      aliases,
      foreignKeys: content.foreignKeys ?? [],
      volatileFunctions: volatileFunctions ?? [],
      rowFunctions: content.rowFunctions ?? [],
      ownTableFunctions: content.ownTableFunctions ?? [],
      setFunctions: setFunctions ?? [],
    }
    this.#options.onInput?.(input)
    const catalog = createCatalog(input)
    this.#checkFunctions(content, catalog)
    const conflict = inheritedConflict(catalog)
    if (conflict !== undefined) this.#refuseAtFirst(inheritedConflictError(conflict))
    yield* this.#options.oldColumns.look(catalog)
    const texts = new KnownTexts(catalog, this.#options.rewriter())
    return { texts, watched: watchedOf(content), writers: content.writers?.length ?? 0 }
  }
}

const nameOf = ({ name }: Pick<RelationName, 'name'>): string => name
const schemaOf = (name: RelationName): string | null => name.schema ?? null

/** In every other isolation level than these the catalog is read as of the first query of the transaction. */
const isFrozen = (isolation: string | null | undefined): boolean =>
  isolation !== 'read committed' && isolation !== 'read uncommitted'

function distinct(names: readonly RelationName[]): readonly RelationName[] {
  return [...new Map(names.map((name) => [JSON.stringify([name.schema ?? null, name.name]), name])).values()]
}

function first<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new RangeError('the catalog query answered no row')
  return row
}

function text(value: string | null | undefined): string {
  if (value == null) throw new RangeError('the catalog query answered NULL')
  return value
}
