import type { Pins, RequestScope, Runtime, StatementEvent } from '@expand-contract/core'
import { fingerprintOf, type Plan, textWithoutValues } from '@expand-contract/sql'
import type { StatementToPlan } from '../connection/session.ts'
import { warnOfFailures } from './rewriter-failure.ts'

/** Called for each statement on a migrating table, once, when it is sent or refused. */
export type OnPlan = (plan: Plan, statement: StatementToPlan, pins: Pins | undefined) => void

/** Tells the observers, which may come later; nothing is made up while nobody listens. */
export function planReporter({ observer, migrations }: Runtime): OnPlan {
  const tables = new Map(
    migrations.map(({ id, table: { schema, name } }) => [id, schema === undefined ? name : `${schema}.${name}`]),
  )
  return (plan, { text, scope }, pins) => {
    if (plan.reasons.length > 0 && observer.onWarning !== undefined) warnOfFailures(observer, plan)
    observer.onStatement?.(new PlannedStatementEvent({ plan, text, tables }, scope, pins ?? new Map()))
  }
}

interface EventSource {
  readonly plan: Plan
  /** The application's. */
  readonly text: string
  /** Migration id to the name of its table. */
  readonly tables: ReadonlyMap<string, string>
}

/** What takes time to find out of a text, by the plan, which is kept. */
interface Shape {
  fingerprint?: { readonly value: string | undefined }
  text?: { readonly value: string | undefined }
}

const shapes = new WeakMap<Plan, Shape>()

function shapeOf(plan: Plan): Shape {
  const known = shapes.get(plan) ?? {}
  shapes.set(plan, known)
  return known
}

/** A class, since an object with getters of its own takes 0.6 us to make, where this one takes 0.01. */
class PlannedStatementEvent implements StatementEvent {
  readonly outcome: Plan['outcome']
  readonly command: string
  readonly reads: Plan['reads']
  readonly reasons: Plan['reasons']
  readonly scope: RequestScope | undefined
  readonly transaction: Pins
  readonly #source: EventSource

  constructor(source: EventSource, scope: RequestScope | undefined, transaction: Pins) {
    const { outcome, command, reads, reasons } = source.plan
    this.outcome = outcome
    this.command = command
    this.reads = reads
    this.reasons = reasons
    this.scope = scope
    this.transaction = transaction
    this.#source = source
  }

  get shape(): object {
    return this.#source.plan
  }

  get tables(): readonly string[] {
    const { plan, tables } = this.#source
    const touched = plan.touches.map(({ migration }) => migration.id)
    const ids = [...touched, ...plan.reasons.map(({ migration }) => migration)]
    return [...new Set(ids.flatMap((id) => tables.get(id) ?? []))]
  }

  get fingerprint(): string | undefined {
    const shape = shapeOf(this.#source.plan)
    shape.fingerprint ??= { value: fingerprintOf(this.#source.text) }
    return shape.fingerprint.value
  }

  get text(): string | undefined {
    const shape = shapeOf(this.#source.plan)
    shape.text ??= { value: textWithoutValues(this.#source.text) }
    return shape.text.value
  }

  /** Getters of a class are not written by themselves. What is to be compared, not read, is left out. */
  toJSON(): Omit<StatementEvent, 'scope' | 'transaction' | 'shape'> {
    const { outcome, command, tables, fingerprint, text, reads, reasons } = this
    return { outcome, command, tables, fingerprint, text, reads, reasons }
  }
}
