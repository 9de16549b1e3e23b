import { type Engine, planReporter } from '@expand-contract/session'
import type pg from 'pg'
import { isOurs, markPlanningClass, ownQueriesOf } from './ask-own-query.ts'
import { ClientPlanning, type PlanningParts } from './client-planning.ts'
import {
  type ConnectCallback,
  checkDriver,
  type LooseClientClass,
  type PgModule,
  type QueryCarrier,
} from './pg-internals.ts'
import { plannedQueryClass } from './planned-query.ts'

/**
 * The subclass of a pg module's Client whose statements are planned.
 * @throws EC_DRIVER
 */
export function instrumentedClientClass(engine: Engine, module: PgModule, readsOnConnect: boolean): typeof pg.Client {
  const { Client, Query } = checkDriver(module)
  const subclass =
    engine.runtime.migrations.length === 0
      ? class InstrumentedClient extends Client {}
      : planningSubclass({
          engine,
          Client,
          Query,
          Planned: plannedQueryClass(Query),
          makeOwnQuery: ownQueriesOf(Query),
          readsOnConnect,
          onPlan: planReporter(engine.runtime),
        })
  markPlanningClass(subclass)
  return subclass as unknown as typeof pg.Client
}

/** Each pg module has a Client of its own to be the base; what its methods do beyond pg's is in ClientPlanning. */
function planningSubclass(parts: PlanningParts): LooseClientClass {
  return class InstrumentedClient extends parts.Client {
    readonly #planning: ClientPlanning

    constructor(config?: unknown) {
      super(config)
      this.#planning = new ClientPlanning(this, parts)
    }

    override connect(callback?: ConnectCallback): unknown {
      return this.#planning.connect(callback)
    }

    override query(config: unknown, values?: unknown, callback?: unknown): unknown {
      return this.#planning.query(config, values, callback)
    }

    /**
     * What `cancel` of another client looks at: a statement that waits for a query of ours is the one under way, so that it is
     * that query which is cancelled, and the statement with it.
     */
    override get activeQuery(): QueryCarrier | null | undefined {
      const active = this._activeQuery
      return active != null && isOurs(active) ? (this._queryQueue[0] ?? active) : active
    }

    override set activeQuery(query: QueryCarrier | null | undefined) {
      this._activeQuery = query
    }

    override _handleErrorMessage(message: unknown): void {
      this.#planning.errorMessage()
      super._handleErrorMessage(message)
    }

    override _handleReadyForQuery(message?: { readonly status?: string }): void {
      this.#planning.readyForQuery(message)
      super._handleReadyForQuery(message)
    }

    override _handleCommandComplete(message?: { readonly text?: string }): void {
      this.#planning.commandComplete(message)
      super._handleCommandComplete(message)
    }

    override _pulseQueryQueue(): void {
      if (this.pipeline === true) this.#planning.pulsePipeline()
      else super._pulseQueryQueue()
    }
  }
}
