export type {
  Action,
  ActionKind,
  BatchesAction,
  Estimate,
  LockLevel,
  RecordPhaseAction,
  SqlAction,
  WaitAction,
} from './action.ts'
export { type BackfillOptions, type BackfillResult, backfill } from './backfill/backfill.ts'
export type { BackfillEvent } from './backfill/backfill-event.ts'
export type { BackfillCursor } from './backfill/backfill-step.ts'
export type { BackfillPace, BackfillPaceOptions } from './backfill/backfill-worker.ts'
export { type BackfillProfile, PROFILES as BACKFILL_PROFILES } from './backfill/profile.ts'
export type { BackfillProgress } from './backfill/ranges.ts'
export type { ThrottleLimits, ThrottleReason, WalMark } from './backfill/throttle.ts'
export {
  type BackupComparison,
  type BackupOptions,
  type BackupTaken,
  type CheckBackupOptions,
  checkBackup,
  takeBackup,
} from './backup/backup.ts'
export type { BackupCopy } from './backup/backup-copy.ts'
export type { BackupHeader, BackupSummary, BackupTrailer } from './backup/backup-file.ts'
export type { BackupFiles } from './backup/backup-files.ts'
export { type BackupKeyColumn, bringsAllBack, type RowColumn } from './backup/backup-key.ts'
export type { RestoreForecast } from './backup/load-keyless.ts'
export type { OwnBackup, OwnBackupRequest, OwnRows, RowFormat } from './backup/own-backup.ts'
export { type BackupPlan, planBackup } from './backup/plan-backup.ts'
export { prepareBackupFile } from './backup/prepare-backup-file.ts'
export { readBackupFile } from './backup/read-backup-file.ts'
export { type Restored, restore } from './backup/restore.ts'
export type { RestoreOptions } from './backup/restore-options.ts'
export { type PlanRestore, planRestore, type RestorePlan } from './backup/restore-plan.ts'
export { type OwnBackupTaken, type TakeOwnBackup, takeOwnBackup } from './backup/take-own-backup.ts'
export { type ColumnState, type ColumnStates, type IdentityState, readColumnStates } from './contract/column-states.ts'
export { type Contracted, contractedOf } from './contract/contracted.ts'
export { type Dependent, readDependents } from './contract/dependents.ts'
export { readWayBackLoss } from './contract/way-back-loss.ts'
export { type ControlHandlers, controlHandlers } from './control-handlers.ts'
export type { ControlPlace } from './control-schema.ts'
export { describeActions } from './describe-actions.ts'
export { type DoctorGroup, type DoctorOptions, type DoctorReport, doctor } from './doctor/doctor.ts'
export type { DoctorFinding, Finding, Hazard, StoppedStage } from './doctor/hazard.ts'
export { HAZARDS } from './doctor/hazards.ts'
export type { DoctorLimits } from './doctor/server-facts.ts'
export type { ProjectFacts } from './doctor/table-facts.ts'
export { type ActionsCursor, type ActionsRun, actionsStep } from './engine/actions-step.ts'
export { type DriveSteps, driveSteps } from './engine/drive-steps.ts'
export type { Step, StepDatabase, StepRequest, StepResult, StepWait } from './engine/step.ts'
export { STEPS, type StepName } from './engine/steps.ts'
export { RUNNER_ERRORS, type RunnerErrorCode } from './error-catalogue.ts'
export { type ActionHandlers, type ExecuteActions, executeActions } from './execute/execute-actions.ts'
export { LOCK_DEFAULTS, type LockOptions } from './execute/lock-options.ts'
export { type LockedTransaction, lockedTransaction } from './execute/locked-transaction.ts'
export type {
  ColumnFacts,
  MemberFacts,
  MigrationFacts,
  RowTriggerFacts,
  SyncTriggerState,
  TableFacts,
  TypeFacts,
} from './facts.ts'
export {
  type BackupLook,
  type BackupPlace,
  countingBackup,
  type DropBackup,
  readDropBackup,
} from './gates/backup-gate.ts'
export { OVERRIDABLE, readContractGates, readHoldGates, soakGate } from './gates/contract-gates.ts'
export { type DropGateOptions, HOLD_MS, heldSince, readDropGates } from './gates/drop-gates.ts'
export type { Gate, GateFacts, GateId } from './gates/gate.ts'
export { hiddenLine } from './gates/hidden-gate.ts'
export {
  type ComparedStatement,
  PLAN_LIMITS,
  type PlanComparison,
  type PlanLimits,
  type UnexplainedStatement,
} from './gates/plans/compare-plans.ts'
export type { CompareStatements } from './gates/plans/compare-statements.ts'
export type { SeqScan } from './gates/plans/plan-node.ts'
export { type PlansGate, readPlansGate } from './gates/plans-gate.ts'
export { spanText } from './gates/span-text.ts'
export { acknowledged as readAcknowledgedGate, readSwitchGates, type SwitchGateOptions } from './gates/switch-gates.ts'
export {
  type HiddenReader,
  type HiddenReaders,
  readHiddenReaders,
  recordHiddenBaseline,
} from './hidden/hidden-readers.ts'
export type { Operation } from './operation.ts'
export { type ContractOptions, contract } from './operations/contract.ts'
export { drop } from './operations/drop.ts'
export { enterPhase } from './operations/enter-phase.ts'
export { type ExpandOptions, expand } from './operations/expand.ts'
export { type HoldOptions, hold, unhold } from './operations/hold.ts'
export { type InstallTriggerOptions, installTrigger } from './operations/install-trigger.ts'
export { type ParityPlanOptions, parity } from './operations/parity.ts'
export type { Confirmation } from './operations/refuse-expand.ts'
export { type RollbackOptions, rollback } from './operations/rollback.ts'
export { switchReads } from './operations/switch-reads.ts'
export { compareParity } from './parity/compare-parity.ts'
export type { ForPeople, Parity, ParityKind } from './parity/parity.ts'
export type { ParityFacts } from './parity/parity-facts.ts'
export { readParityFacts } from './parity/read-parity-facts.ts'
export { type Acknowledgement, fleetWaits, readAcknowledgement, type WaitForFleet } from './phase/acknowledgement.ts'
export { checkDeclaration, checkDeclarationInForce } from './phase/check-declaration.ts'
export { type Replica, type Replication, readReplication } from './phase/replication.ts'
export { type BypassSample, type ReadBypassSamples, readBypassSamples } from './read-bypass-samples.ts'
export { readFacts } from './read-facts.ts'
export { readSyncTrigger } from './read-sync-trigger.ts'
export { readValuesOfOthers } from './read-values-of-others.ts'
export { type RepairOptions, type RepairResult, repair } from './repair/repair.ts'
export type { RepairableClass, RepairCursor, RepairEvent } from './repair/repair-step.ts'
export { type BackfillMember, readMembers } from './rows/member.ts'
export { type RunExpand, runExpand } from './run-expand.ts'
export { type RunParity, readParity, runParity } from './run-parity.ts'
export { type PlanStage, planStage, runStage, type StageName } from './run-stage.ts'
export type { RunnerAnswer, RunnerClient } from './runner-client.ts'
export type { Blocker, RunnerEvent } from './runner-event.ts'
export { type LookAtSoak, lookAtSoak, SOAK_MS, type SoakReport } from './soak/look-at-soak.ts'
export { type Soak, type SoakEvidence, type SoakProcess, soakOf } from './soak/soak.ts'
export { differs, mappingSql } from './sql/mapping-sql.ts'
export { type SyncPhase, syncFunction } from './sql/sync-function.ts'
export { type SyncNames, syncNames } from './sql/sync-names.ts'
export { type SyncColumn, type SyncShape, syncShape } from './sql/sync-shape.ts'
export { syncWhen } from './sql/sync-trigger.ts'
export { type SyncTriggerProblem, syncTriggerProblems } from './sync-trigger-problems.ts'
export { DIFFERENCE_CLASSES, type DifferenceClass } from './verify/differences.ts'
export type { DifferingRow } from './verify/row-comparer.ts'
export { readSampleValues, type SampleValues } from './verify/sample-values.ts'
export type { TriggerState } from './verify/trigger-state.ts'
export { type Verification, type VerifyOptions, verify } from './verify/verify.ts'
export type { VerifyCursor, VerifyEvent, VerifyStepOptions } from './verify/verify-step.ts'
