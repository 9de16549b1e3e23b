import type { Flight } from '@expand-contract/session'
import type { Connection, LooseQuery, LooseQueryClass } from './client-internals.ts'
import type { Dispatcher } from './dispatcher.ts'
import { plainConfig, shapeResult } from './plain-config.ts'

export interface PlannedQuery extends LooseQuery {
  readonly flight: Flight | undefined
  fly(flight: Flight, dispatcher: Dispatcher): void
}

export type PlannedQueryClass = new (config: unknown, values?: unknown, callback?: unknown) => PlannedQuery

/** A pg.Query that is planned when pg sends it, so that the transaction it runs in is known. */
export function plannedQueryClass(Query: LooseQueryClass): PlannedQueryClass {
  return class PlannedQuery extends Query implements PlannedQuery {
    #trip: { readonly flight: Flight; readonly dispatcher: Dispatcher; readonly name: unknown } | undefined

    constructor(config: unknown, values?: unknown, callback?: unknown) {
      const plain = typeof values === 'function' ? undefined : plainConfig(config)
      super(plain?.text ?? config, values || plain?.values, callback)
      if (plain === undefined) return
      if (plain.name !== undefined) this.name = plain.name
      shapeResult(this, plain)
    }

    get flight(): Flight | undefined {
      return this.#trip?.flight
    }

    fly(flight: Flight, dispatcher: Dispatcher): void {
      this.#trip = { flight, dispatcher, name: this.name }
    }

    override submit(connection: Connection): Error | null {
      const trip = this.#trip
      if (trip === undefined) return super.submit(connection) ?? null
      const { flight, dispatcher, name } = trip
      return dispatcher.dispatch(this, flight, (plan) => {
        if (plan !== undefined) this.text = plan.text
        if (typeof name === 'string') {
          const wire = dispatcher.nameOnWire(name, flight.statement.text, plan)
          if (wire instanceof Error) return wire
          this.name = wire
        }
        return super.submit(connection) ?? null
      })
    }

    override handleError(error: unknown, connection: Connection): void {
      const trip = this.#trip
      const forUser = trip?.dispatcher.failed(this, trip.flight, { error, untouched: isUntouched(this) })
      if (trip === undefined) super.handleError(error, connection)
      else if (forUser !== undefined) super.handleError(forUser, connection)
    }
  }
}

/** No part of an answer has arrived. */
export const isUntouched = ({ _result, _results }: LooseQuery): boolean =>
  _results === _result && _result.command === null && _result.fields.length === 0
