import type { Operator } from '@expand-contract/control'
import type { LockOptions } from '../execute/lock-options.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { RunnerEvent } from '../runner-event.ts'
import type { BackupCopy } from './backup-copy.ts'
import type { BackupFiles } from './backup-files.ts'
import type { OwnRows } from './own-backup.ts'
import type { RestorePlan } from './restore-plan.ts'

export interface RestoreOptions extends LockOptions {
  /** As `planRestore` answers. */
  readonly plan: RestorePlan
  readonly client: RunnerClient
  /** By the same connection. */
  readonly copy: BackupCopy
  readonly files: BackupFiles
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string | undefined
  /** As the plan was made with. */
  readonly path: string | undefined
  /** Gives the rows back, where there is no file. A restore that goes on asks for none. */
  readonly own?: OwnRows | undefined
  readonly operator: Operator
  /** The token of the lease, which must still be held. @defaultValue no lease is asked for */
  readonly lease?: string | undefined
  /** Stops between two batches; run again, it goes on. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: RunnerEvent) => void) | undefined
  /** Called after each batch; must not throw. @defaultValue nothing */
  readonly onProgress?: ((blocksDone: number, blocks: number, rows: number) => void) | undefined
}
