import type { Decision, Side, StatementReason } from '@expand-contract/core'
import type { BoundMigration, Catalog, RelationName } from './catalog/catalog.ts'
import type { Overtaken } from './write/overtaken-upsert.ts'

/**
 * What to send for one text.
 *
 * - `unchanged`: as it is (`text === ` the application's).
 * - `rewritten`: with edits.
 * - `kept`: a read that could not be proven reads the old side, or a write is left to the sync trigger; `reasons` say why.
 * - `refused`: it must not be sent; `reasons` say why, and what to do.
 */
export interface Plan {
  readonly outcome: 'unchanged' | 'rewritten' | 'kept' | 'refused'
  readonly text: string
  /** The first statement's command: `SELECT`, `INSERT`, `CREATE TABLE AS`, ... */
  readonly command: string
  /** Migrations of the tables that it names, each with the side it reads. */
  readonly reads: Readonly<Record<string, Side>>
  readonly touches: readonly BoundMigration[]
  readonly reasons: readonly StatementReason[]
  /** Set where an upsert may fail because another one of the same new key was faster: sent once more, it finds that row. */
  readonly overtaken?: Overtaken | undefined
  /** From a position in `text` to one in the application's text, both in UTF-16 units from 0; undefined inside an edit. */
  mapPosition(position: number): number | undefined
}

/** Decides one migration for the statement at hand; called once per migration and plan, never for `incomplete` ones. */
export type Decide = (bound: BoundMigration) => Decision

export interface Rewriter {
  /** False when a text cannot name a migrating table: the one check every statement pays. */
  mayTouch(text: string, catalog: Catalog | undefined): boolean
  /** For one text under one catalog, kept as long as `maxPlans` allows. Hold on to it to spare the look-up. */
  planner(text: string, catalog: Catalog): TextPlanner
}

/** One text under one catalog. */
export interface TextPlanner {
  /** The text could not be read when `missing` was last called, so that its answer is not one to keep. */
  readonly failed: boolean
  /** Relations that `plan` needs and the catalog has not loaded. Parses the text once; the result is kept for `plan`. */
  missing(): readonly RelationName[]
  /**
   * The plan of the text. Never throws: text that PostgreSQL's grammar does not accept is unchanged, so that PostgreSQL
   * reports it; one that could not be read for another reason is refused.
   */
  plan(decide: Decide, session?: SessionFacts): Plan
}

/** What planning must know of the connection. */
export interface SessionFacts {
  /** @defaultValue true; with false, a text that touches a migrating table and has a backslash in it is refused */
  readonly standardConformingStrings?: boolean
  /**
   * The open transaction has changed the search path or the catalog, so that its end changes them again.
   * @defaultValue false; with true, a text that ends the transaction and then names a migrating table is refused
   */
  readonly pathChangedInTransaction?: boolean
}
