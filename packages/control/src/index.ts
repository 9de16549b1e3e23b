export { type Control, type ControlOptions, DEFAULT_CONTROL_SCHEMA, openControl } from './control.ts'
export { databasePhases } from './database-phases.ts'
export { CONTROL_ERRORS, type ControlErrorCode } from './error-catalogue.ts'
export type { FleetOptions } from './fleet/fleet-options.ts'
export { type FleetMember, joinFleet } from './fleet/join-fleet.ts'
export { type ControlGrantsOptions, controlGrants } from './install/control-grants.ts'
export { type ControlSqlOptions, controlSql, type InstalledControl, installControl } from './install/install-control.ts'
export { checkControl, type InstalledVersion, installedVersions } from './install/installed-versions.ts'
export {
  type BackfillFailure,
  clearFailures,
  countFailures,
  readFailures,
  recordFailures,
} from './records/backfill-failures.ts'
export {
  type AdvanceRange,
  addRanges,
  advanceRange,
  type BackfillRange,
  type ClaimRange,
  claimRange,
  clearRanges,
  type NewRange,
  readRanges,
  releaseRanges,
} from './records/backfill-ranges.ts'
export { type BackfillRecord, type BackfillSettings, readBackfills, setBackfill } from './records/backfills.ts'
export { type BackupRecord, type NewBackup, readBackups, recordBackup, recordRestored } from './records/backups.ts'
export { type BeginMigration, beginMigration } from './records/begin-migration.ts'
export { declarationHash, type RecordedDeclaration, recordedDeclaration } from './records/declaration-hash.ts'
export { appendEvent, type EventFilter, type EventRecord, type NewEvent, readEvents } from './records/events.ts'
export { type Fence, readFence } from './records/fence.ts'
export {
  type FleetFilter,
  type InstanceReads,
  type InstanceRecord,
  type InstanceReport,
  pruneFleet,
  type ReportAnswer,
  type ReportedLatency,
  type ReportedReads,
  type ReportedStatement,
  readFleet,
  reportInstance,
} from './records/fleet.ts'
export { forgetStatements, type InventoryFilter, readInventory, type StatementRecord } from './records/inventory.ts'
export { type LatencyRecord, readLatencies } from './records/latencies.ts'
export {
  type AcquiredLease,
  acquireLease,
  DEFAULT_LEASE_TTL_MS,
  holdsLease,
  type LeaseRecord,
  type LeaseRequest,
  readLeases,
  releaseLease,
  renewLease,
} from './records/leases.ts'
export type { MigrationRecord } from './records/migration-record.ts'
export type { Operator } from './records/operator.ts'
export { readMigration, readMigrations } from './records/read-migrations.ts'
export { type RecordPhase, recordPhase } from './records/record-phase.ts'
export {
  type AdvanceRun,
  advanceRun,
  beginRun,
  forgetRun,
  type RunKey,
  type RunRecord,
  readRun,
} from './records/runs.ts'
export { type RecordSoak, readSoak, recordSoak, type SoakRecord, type SoakRestart } from './records/soaks.ts'
export {
  type NewVerification,
  readVerifications,
  recordVerification,
  type VerificationRecord,
} from './records/verifications.ts'
export type { SqlClient } from './sql-client.ts'
