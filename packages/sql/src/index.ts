export type {
  BoundMigration,
  Catalog,
  ColumnType,
  ForeignKey,
  Relation,
  RelationColumn,
  RelationFacts,
  RowFunction,
  UniqueKey,
  ViewColumns,
} from './catalog.ts'
export { checkMappings, mappingErrors } from './compiled-migration.ts'
export { type AbsentType, type CatalogInput, createCatalog, type ResolvedRelation } from './create-catalog.ts'
export { createRewriter, type RewriterOptions } from './create-rewriter.ts'
export { escapePattern } from './escape-pattern.ts'
export { type LexemeKind, lex, skipBlanks } from './lexer.ts'
export { type MappingFunction, mappingFunctions } from './mapping-functions.ts'
export { loadParser } from './parser.ts'
export type { Decide, Plan, RelationName, Rewriter, SessionFacts, TextPlanner } from './plan.ts'
export { REASONS, type ReasonCode } from './reasons.ts'
export { rehearse } from './rehearse.ts'
export { STABLE_FUNCTIONS } from './stable-functions.ts'
export { fingerprintOf, textWithoutValues } from './statement-shape.ts'
export { syncTriggerName } from './sync-trigger-name.ts'
export { TABLE_FUNCTIONS } from './table-functions.ts'
