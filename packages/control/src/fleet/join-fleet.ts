import type { Runtime } from '@expand-contract/core'
import { openControl } from '../control.ts'
import type { SqlClient } from '../sql-client.ts'
import { FleetHeartbeat } from './fleet-heartbeat.ts'
import { type FleetOptions, parseFleetOptions } from './fleet-options.ts'

export interface FleetMember {
  /** The name of this process. */
  readonly instance: string
  /** Writes now what would be written at the next turn, and resolves once it is, or has failed. It never rejects. */
  report(): Promise<void>
  /**
   * Says that the process ends, with what it has not reported yet. To be called before the pool is ended. It never rejects, and
   * takes 5 s at most.
   */
  leave(): Promise<void>
}

/**
 * Registers the process in the control schema: a heartbeat with the phases that it follows, how often it reads each side, and
 * the statements that it sends on migrating tables, without their values, and how long they take. One small statement every few seconds, on a
 * connection of the pool that is given, in the background. What goes wrong is told to the observer (`fleet`), once until it goes well
 * again, and never to the application. No timer of it keeps the process running.
 *
 * Phases are acknowledged where they come from `databasePhases()` of the same schema. A phase change that must wait for every process
 * waits for one that does not acknowledge it.
 *
 * ```ts
 * const fleet = joinFleet(runtime, pool, { application: 'web', version: '2026.47.1' })
 * await fleet.leave() // before pool.end()
 * ```
 * @throws EC_CONTROL_SCHEMA, EC_CONTROL_OPTION
 */
export function joinFleet(runtime: Runtime, client: SqlClient, options: FleetOptions): FleetMember {
  const control = openControl(client, options)
  const parsed = parseFleetOptions(options)
  const heartbeat = new FleetHeartbeat(runtime, control, parsed)
  const unobserve = runtime.observe({
    onStatement: (event) => heartbeat.counts.sent(event),
    onAnswer: (event) => heartbeat.latencies.answered(event),
  })
  let left: Promise<void> | undefined
  heartbeat.start()
  return Object.freeze({
    instance: parsed.instance,
    report: () => heartbeat.report(),
    leave() {
      unobserve()
      left ??= heartbeat.stop()
      return left
    },
  })
}
