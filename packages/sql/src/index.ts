export type {
  BoundMigration,
  Catalog,
  ColumnType,
  ForeignKey,
  RefusingIndex,
  Relation,
  RelationColumn,
  RelationFacts,
  RelationName,
  RowFunction,
  UniqueKey,
  ViewColumns,
} from './catalog/catalog.ts'
export { type AbsentType, type CatalogInput, createCatalog, type ResolvedRelation } from './catalog/create-catalog.ts'
export { heldColumnName } from './catalog/held-column-name.ts'
export { mentionedColumns, READABLE_LANGUAGES, type TriggerText } from './catalog/mentioned-columns.ts'
export { syncTriggerName } from './catalog/sync-trigger-name.ts'
export { createRewriter, type RewriterOptions } from './create-rewriter.ts'
export { mappingErrors } from './mapping/compiled-migration.ts'
export { expressionShape } from './mapping/expression-shape.ts'
export { type MappingFunction, mappingFunctions } from './mapping/mapping-functions.ts'
export { hasOneValue } from './mapping/one-value.ts'
export { renamedColumns } from './mapping/renamed-columns.ts'
export { renderMappings } from './mapping/render-mappings.ts'
export { STABLE_FUNCTIONS } from './mapping/stable-functions.ts'
export { loadParser } from './parse/parser.ts'
export { type PreparedText, preparedIn } from './parse/prepared-in.ts'
export { fingerprintOf, textWithoutValues } from './parse/statement-shape.ts'
export { typeModifierWords } from './parse/type-modifier-words.ts'
export type { Decide, Plan, Rewriter, SessionFacts, TextPlanner } from './plan.ts'
export { TABLE_FUNCTIONS } from './read/table-functions.ts'
export { rehearse } from './rehearse.ts'
export { REASONS, type ReasonCode } from './resolve/reasons.ts'
export type { NamedTable, SchemaChange, SchemaChanges } from './schema-change/schema-change.ts'
export { schemaChangesIn } from './schema-change/schema-changes-in.ts'
export type { Overtaken } from './write/overtaken-upsert.ts'
