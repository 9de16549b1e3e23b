import type { CliCommand } from '../run-command.ts'
import { backfillCommand } from './backfill.ts'
import { backupCommand } from './backup.ts'
import { checkCommand } from './check.ts'
import { contractCommand } from './contract.ts'
import { doctorCommand } from './doctor.ts'
import { dropCommand } from './drop.ts'
import { expandCommand } from './expand.ts'
import { holdCommand, unholdCommand } from './hold.ts'
import { initCommand } from './init.ts'
import { logCommand } from './log.ts'
import { measureCommand } from './measure.ts'
import { pauseCommand } from './pause.ts'
import { planCommand } from './plan.ts'
import { repairCommand } from './repair.ts'
import { restoreCommand } from './restore.ts'
import { resumeCommand } from './resume.ts'
import { rollbackCommand } from './rollback.ts'
import { runbookCommand } from './runbook.ts'
import { statusCommand } from './status.ts'
import { switchCommand } from './switch.ts'
import { verifyCommand } from './verify.ts'
import { waitCommand } from './wait.ts'

/** Every command, in the order in which a migration needs them. */
export const commands: readonly CliCommand[] = [
  initCommand,
  planCommand,
  doctorCommand,
  expandCommand,
  backfillCommand,
  pauseCommand,
  resumeCommand,
  verifyCommand,
  repairCommand,
  switchCommand,
  contractCommand,
  holdCommand,
  unholdCommand,
  backupCommand,
  dropCommand,
  restoreCommand,
  waitCommand,
  rollbackCommand,
  statusCommand,
  logCommand,
  measureCommand,
  runbookCommand,
  checkCommand,
]
