export type { CatalogPhases, CatalogReader, KnownCatalog, RecordedPhase } from './catalog-phases.ts'
export { type ChangeColumnType, changeColumnType } from './change-column-type.ts'
export { currentScope, noContext, type RequestScope } from './context.ts'
export { DECISIONS, type Decision, decisionFor, type Pins } from './decision.ts'
export { type ColumnTypes, defineMigration, type MigrationDeclaration, type SqlMappings } from './define-migration.ts'
export { CORE_ERRORS, type CoreErrorCode } from './error-catalogue.ts'
export { type ErrorFacts, ExpandContractError } from './errors.ts'
export { type FixedFlags, type FixedPhases, fixedFlags, fixedPhases } from './fixed-sources.ts'
export type { FlagContext } from './flag-context.ts'
export type { FlagSource } from './flag-source.ts'
export { MAX_IDENTIFIER_BYTES, quoteIdentifier, quoteTable, type TableName } from './identifier.ts'
export {
  LatencyHistogram,
  latencyCount,
  latencyPercentile,
  mergedLatencies,
} from './latency-histogram.ts'
export {
  type ConsoleLike,
  consoleObserver,
  type LoggerLike,
  type LogLevel,
  type LogOptions,
  loggerObserver,
} from './log-observer.ts'
export { type MergeColumns, mergeColumns } from './merge-columns.ts'
export type { DeclarationOptions, Mapping, MappingTable, MigratingColumn, Migration, Side } from './migration.ts'
export type { MigrationFinding, MigrationFindingCode } from './migration-finding.ts'
export type {
  AnswerEvent,
  CatalogEvent,
  DecisionEvent,
  Observer,
  StatementEvent,
  StatementReason,
  WarningEvent,
} from './observer.ts'
export { isContracted, PHASES, type Phase, type PhaseRule, type PhysicalState, ruleFor } from './phase.ts'
export type { PhaseSource, PhasesInCatalog } from './phase-source.ts'
export { type Preparation, prepareWithRuntime } from './preparations.ts'
export { processWide } from './process-wide.ts'
export { type RenameColumn, renameColumn } from './rename-column.ts'
export { type RoundTripOptions, roundTripQuery } from './round-trip-query.ts'
export { createRuntime, type DecisionRequest, type Runtime, type RuntimeOptions } from './runtime.ts'
export { shellWord } from './shell-word.ts'
export { type SplitColumn, splitColumn } from './split-column.ts'
export { escapePattern } from './sql-text/escape-pattern.ts'
export { type LexemeKind, lex, skipBlanks, withJoinedLiterals } from './sql-text/lexer.ts'
export { nameOfToken } from './sql-text/name-of-token.ts'
export { mentions, namesIn, tokensWithin } from './sql-text/names-in.ts'
export { type SqlToken, sqlTokens } from './sql-text/sql-tokens.ts'
export { valueOfLiteral } from './sql-text/value-of-literal.ts'
export { isTransition, OPERATIONS, type OperationName, phaseAfter, TRANSITIONS } from './transitions.ts'
