import { appendEvent, type MigrationRecord, openControl, readMigration } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import {
  type Acknowledgement,
  type Action,
  type Confirmation,
  controlHandlers,
  fleetWaits,
  planStage,
  runStage,
  type StageName,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { Gate } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import { VERSION } from '../version.ts'
import { withLease } from './operator-lease.ts'
import { recordBypassers } from './record-bypassers.ts'
import { runnerProgress } from './runner-progress.ts'
import { showReplicas } from './show-replicas.ts'

export interface StageToPlan {
  readonly migration: Migration
  readonly stage: StageName
  readonly record: MigrationRecord | undefined
  readonly confirmed?: readonly Confirmation[]
}

/** @throws what the operation refuses */
export async function planOf(
  context: CommandContext,
  { client }: OpenDatabase,
  stage: StageToPlan,
): Promise<readonly Action[]> {
  await loadParser()
  const { schema } = await context.config()
  return planStage(client, { ...stage, controlSchema: schema })
}

export interface StageToRun extends StageToPlan {
  readonly actions: readonly Action[]
  /** What the screen calls it. */
  readonly verb: string
  /** How long to wait for processes, and for replicas. */
  readonly waitMs: number
  /** What the event says besides. */
  readonly figures?: Readonly<Record<string, unknown>> | undefined
  /** Where it came from. @defaultValue the phase of the record */
  readonly from?: Phase
  /** Read again under the lease: while somebody thought about the question, another may have changed what it was asked for. @defaultValue none */
  readonly gates?: { readonly read: () => Promise<readonly Gate[]>; readonly isOpen: (gate: Gate) => boolean }
}

/** How long it took, and how long the lock was held. */
export interface StageRun {
  readonly ms: number
  readonly tries: number
  readonly lockedMs: number
  readonly record: MigrationRecord | undefined
  /** A gate was not met any more: all of them, and nothing was changed. */
  readonly closed?: readonly Gate[]
}

/** As the JSON has it. */
export const figuresOf = ({ ms, lockedMs, tries, record }: StageRun) => ({
  ...{ changed: true, epoch: record?.epoch, ms: Math.round(ms), lockedMs, tries },
})

/** A run that was killed behind its phase has not read back the trigger: run again, it does that alone, and mends what it finds. */
export async function finishStage(
  context: CommandContext,
  database: OpenDatabase,
  finished: Pick<StageToRun, 'migration' | 'stage' | 'record' | 'from'>,
): Promise<void> {
  await loadParser()
  await runStageCommand(context, database, { ...finished, actions: [], verb: 'Finish', waitMs: 0 })
}

/** Executes a step under the lease of the operator, shows what it waits for, and reads back the record. */
export async function runStageCommand(
  context: CommandContext,
  database: OpenDatabase,
  { migration, stage, record, actions, verb, waitMs, figures, from = record?.phase ?? 'off', gates }: StageToRun,
): Promise<StageRun> {
  const { id } = migration
  const config = await context.config()
  const control = openControl(database.client, config)
  const watched = { verb, migration, database: database.facts, actions, ...config.ddl }
  const watch = runnerProgress(context, watched)
  const { who, io, stop } = context
  const started = performance.now()
  const leaseControl = openControl(await database.connect(), config)
  if (stage === 'drop' || stage === 'rollback') await recordBypassers(context, database.client, migration)
  let closed: readonly Gate[] | undefined
  await withLease(context, leaseControl, {
    migration: id,
    work: async (lease) => {
      const again = (await gates?.read()) ?? []
      if (gates !== undefined && again.some(gates.isOpen)) {
        closed = again
        return
      }
      await runStage(database.client, migration, {
        ...{ actions, operation: stage, controlSchema: config.schema, signal: stop.signal, onEvent: watch.onEvent },
        ...config.ddl,
        handlers: {
          ...controlHandlers({
            ...{ migration, record, lease, figures, controlSchema: config.schema },
            operator: { who, host: io.host, version: VERSION },
          }),
          wait: fleetWaits(control, {
            ...{ migration, signal: stop.signal, waitMs, onReplicas: showReplicas(context, id) },
            onWait: (seen) => showProcesses(context, id, seen),
          }),
        },
      })
    },
  })
  if (closed !== undefined) return { ms: 0, tries: 0, lockedMs: 0, record, closed }
  const { tries, lockedMs } = watch.figures()
  const [ms, after] = [performance.now() - started, await readMigration(control, id)]
  // What the step took is known behind its transaction alone.
  await appendEvent(control, {
    ...{ migration: id, kind: STAGE_EVENTS[stage], who, host: io.host, version: VERSION },
    figures: {
      ...{ ...figures, from, to: after?.phase ?? 'off' },
      ...{ ms: Math.round(ms), lockedMs: Math.round(lockedMs), tries },
    },
  })
  return { ms, tries, lockedMs, record: after }
}

const STAGE_EVENTS: Readonly<Record<StageName, string>> = {
  contract: 'contracted',
  hold: 'held',
  unhold: 'unheld',
  drop: 'dropped',
  rollback: 'rolled-back',
}

function showProcesses({ output, command }: CommandContext, migration: string, seen: Acknowledgement): void {
  const names = seen.missing.map(({ id }) => id)
  output.progress({
    json: { type: 'wait', migration, for: 'acknowledged', missing: names },
    block: `[..] waiting for ${seen.missing.length} of ${seen.processes.length} processes: ${names.join(', ')}`,
    line: `${command} ${migration} waiting missing=${names.join(',')}`,
  })
}
