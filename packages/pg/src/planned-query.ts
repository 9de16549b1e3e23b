import type { InFlightStatement } from '@expand-contract/session'
import type { Dispatcher } from './dispatcher.ts'
import type { Connection, LooseQuery, LooseQueryClass } from './pg-internals.ts'

export interface PlannedQuery extends LooseQuery {
  readonly inFlight: InFlightStatement | undefined
  bind(inFlight: InFlightStatement, dispatcher: Dispatcher): void
}

export type PlannedQueryClass = new (config: unknown, values?: unknown, callback?: unknown) => PlannedQuery

/** A pg.Query that is planned when pg sends it, so that the transaction it runs in is known. */
export function plannedQueryClass(Query: LooseQueryClass): PlannedQueryClass {
  return class PlannedQuery extends Query implements PlannedQuery {
    #bound:
      | { readonly inFlight: InFlightStatement; readonly dispatcher: Dispatcher; readonly name: unknown }
      | undefined

    get inFlight(): InFlightStatement | undefined {
      return this.#bound?.inFlight
    }

    bind(inFlight: InFlightStatement, dispatcher: Dispatcher): void {
      this.#bound = { inFlight, dispatcher, name: this.name }
    }

    override submit(connection: Connection): Error | null {
      const bound = this.#bound
      if (bound === undefined) return super.submit(connection) ?? null
      const { inFlight, dispatcher, name } = bound
      return dispatcher.dispatch(this, inFlight, (plan) => {
        if (plan !== undefined) this.text = plan.text
        if (typeof name === 'string') {
          const wire = dispatcher.nameOnWire(name, inFlight.statement.text, plan)
          if (wire instanceof Error) return wire
          this.name = wire
        }
        return super.submit(connection) ?? null
      })
    }

    override handleError(error: unknown, connection: Connection): void {
      const bound = this.#bound
      const forUser = bound?.dispatcher.failed(this, bound.inFlight, { error, untouched: isUntouched(this) })
      if (bound === undefined) super.handleError(error, connection)
      else if (forUser !== undefined) super.handleError(forUser, connection)
      else emptied(this)
    }
  }
}

/** Takes back what has arrived of an answer that nobody has been told. */
function emptied(query: LooseQuery): void {
  const { _result: arrived, _rowMode: rowMode } = query
  const Result = arrived.constructor as new (rowMode: unknown, types: unknown) => LooseQuery['_result']
  query._result = new Result(rowMode, arrived._types)
  query._results = query._result
}

/** No part of an answer has arrived. */
export const isUntouched = ({ _result, _results }: LooseQuery): boolean =>
  _results === _result && _result.command === null && _result.fields.length === 0
