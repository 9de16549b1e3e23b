import {
  createRuntime,
  type Decision,
  fixedFlags,
  fixedPhases,
  type Phase,
  type Pins,
  renameColumn,
  type Side,
} from '@expand-contract/core'
import { BACK, type Database, databasesOf, LOCKING, type Step } from './protocol.ts'

export const NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'read-new' })

/** A process of the application, with one connection. */
export interface ProcessKind {
  readonly name: string
  /** It has joined the fleet. */
  readonly beats: boolean
  readonly transactions: boolean
  /** It pins what it reads in requests, by withContext. */
  readonly requests: boolean
  /** SIGSTOP and SIGCONT, at any point. */
  readonly stops: boolean
  /** The operator does not know how long its lease is. */
  readonly longLease?: boolean
}

export interface Protocol {
  readonly steps: readonly Step[]
  /** DDL waits for open transactions that have touched the table. @defaultValue true */
  readonly locks?: boolean
  /** What an unknown phase means while both columns exist. @defaultValue expand */
  readonly unknownPhase?: Phase
  /** Requests keep their side whatever the phase says. @defaultValue false */
  readonly pinsOutlivePhases?: boolean
}

export const REAL: Protocol = { steps: BACK }

export interface ProcessState {
  /** How many steps had been done when it read the catalog; -1: it has not. */
  readonly known: number
  readonly lease: boolean
  /** The lease began before the operator began to wait for leases. */
  readonly waitedFor: boolean
  /** Of a statement that is planned, and not sent yet. */
  readonly planned: Decision | undefined
  /** Its lease has ended since. */
  readonly late: boolean
  readonly transaction: 'none' | 'open' | 'touched'
  readonly transactionPin: Side | undefined
  readonly request: boolean
  readonly requestPin: Side | undefined
  readonly stopped: boolean
  /** Its last heartbeat is young. */
  readonly live: boolean
  readonly acknowledged: number
}

export interface State {
  readonly done: number
  readonly processes: readonly ProcessState[]
}

const FRESH: ProcessState = {
  ...{ known: -1, lease: false, waitedFor: false, planned: undefined, late: false, transaction: 'none' },
  ...{ transactionPin: undefined, request: false, requestPin: undefined, stopped: false, live: true, acknowledged: 0 },
}

/** What a transition has done that must not be, or that is admitted: at most once for a connection, and loudly. */
export type Outcome = 'ok' | 'admitted' | 'names a column that is gone' | 'reads what is not filled' | 'out of step'

export interface Transition {
  /** `operator expand`, `A plan`. */
  readonly label: string
  readonly to: State
  readonly outcome: Outcome
}

export interface Model {
  readonly first: State
  next(state: State): readonly Transition[]
}

/** The decisions are those of the packages. */
export async function fenceModel(protocol: Protocol, kinds: readonly ProcessKind[]): Promise<Model> {
  const { steps, locks = true, unknownPhase, pinsOutlivePhases = false } = protocol
  const databases = databasesOf(steps)
  const at = (done: number): Database => {
    const database = databases[done]
    if (database === undefined) throw new RangeError(`there are ${steps.length} steps, not ${done}`)
    return database
  }
  const phases = fixedPhases()
  const runtime = await createRuntime({ migrations: [NAME], flags: fixedFlags({ 'read-new': true }), phases })

  const known = new Map<string, ReturnType<typeof decidedAnew>>()
  function decided(process: ProcessState): ReturnType<typeof decidedAnew> {
    const { request, requestPin, transaction, transactionPin } = process
    const key = `${process.known},${request},${requestPin},${transaction === 'none'},${transactionPin}`
    const found = known.get(key) ?? decidedAnew(process)
    known.set(key, found)
    return found
  }

  function decidedAnew(process: ProcessState): {
    readonly decision: Decision
    readonly pins: Pins
    readonly scope: Pins
  } {
    const { old, new: added, phase = unknownPhase } = at(process.known)
    const recorded = phase ?? (old && added ? 'expand' : undefined)
    phases.set(NAME.id, recorded ?? (old ? 'off' : 'contract'))
    const scope: Pins = new Map(process.requestPin === undefined ? [] : [[NAME.id, process.requestPin]])
    const pins: Pins = new Map(process.transactionPin === undefined ? [] : [[NAME.id, process.transactionPin]])
    const kept = pinsOutlivePhases && process.requestPin !== undefined && pins.size === 0 ? scope : pins
    const decision = runtime.decide({
      migration: NAME,
      physical: old && added ? 'both' : old ? 'old' : 'new',
      scope: process.request ? { context: {}, pins: scope, places: new Map() } : undefined,
      transaction: process.transaction === 'none' && kept === pins ? undefined : kept,
    })
    return { decision, pins, scope }
  }

  /** What PostgreSQL makes of a statement that reads and writes as was decided. */
  function sent({ planned, late }: ProcessState, database: Database): Outcome {
    if (planned === undefined) return 'ok'
    const { read, write } = planned
    const names = (side: Side): boolean => read === side || write === side || write === 'both'
    if ((names('old') && !database.old) || (names('new') && !database.new))
      return late ? 'admitted' : 'names a column that is gone'
    if (read === 'new' && !database.filled && database.old) return 'reads what is not filled'
    const apart = database.old && database.new && write !== 'both' && !database.trigger
    return apart ? 'out of step' : 'ok'
  }

  function operator(state: State): readonly Transition[] {
    const step = steps[state.done]
    if (step === undefined) return []
    const { epoch } = at(state.done)
    const beating = state.processes.filter((process, nr) => kinds[nr]?.beats === true && process.live)
    const blocked =
      (LOCKING.has(step) && locks && state.processes.some(({ transaction }) => transaction === 'touched')) ||
      (step === 'wait-acknowledged' && beating.some(({ acknowledged }) => acknowledged < epoch)) ||
      (step === 'leases-end' && state.processes.some(({ lease, waitedFor }) => lease && waitedFor))
    if (blocked) return []
    const processes =
      step === 'leases-begin'
        ? state.processes.map((process, nr) => ({ ...process, waitedFor: process.lease && !kinds[nr]?.longLease }))
        : state.processes
    return [{ label: `operator ${step}`, to: { done: state.done + 1, processes }, outcome: 'ok' }]
  }

  function* moves(state: State, nr: number): Generator<readonly [string, Partial<ProcessState>, Outcome?]> {
    const [process, kind] = [state.processes[nr], kinds[nr]]
    if (process === undefined || kind === undefined) return
    const { known, lease, planned, transaction, request, stopped, live } = process
    // Time goes by for those as well that stand still.
    if (lease) yield ['lease ends', { lease: false, waitedFor: false, late: planned !== undefined }]
    if (stopped) {
      if (live && kind.beats) yield ['is taken for gone', { live: false }]
      yield ['resumes', { stopped: false }]
      return
    }
    if (kind.stops) yield ['stops', { stopped: true }]
    if (planned !== undefined) {
      const outcome = sent(process, at(state.done))
      const failed = outcome !== 'ok'
      yield [
        'sends',
        {
          ...{ planned: undefined, late: false },
          ...(failed ? { ...CUT_OFF, lease: false, waitedFor: false } : {}),
          ...(!failed && transaction === 'open' ? { transaction: 'touched' } : {}),
        },
        outcome,
      ]
    } else {
      if (!lease) yield ['reads the catalog', { known: state.done, lease: true, waitedFor: false }]
      if (lease) {
        const { decision, pins, scope } = decided(process)
        yield [
          'plans',
          {
            ...{ planned: decision, late: false },
            ...(transaction === 'none' ? {} : { transactionPin: pins.get(NAME.id) }),
            ...(request ? { requestPin: scope.get(NAME.id) } : {}),
          },
        ]
      }
      if (kind.transactions) yield transaction === 'none' ? ['begins', { transaction: 'open' }] : ['commits', CUT_OFF]
      if (kind.requests)
        yield request
          ? ['ends its request', { request: false, requestPin: undefined }]
          : ['begins a request', { request: true }]
    }
    if (transaction !== 'none' || planned !== undefined)
      yield ['loses its connection', { ...CUT_OFF, planned: undefined, late: false }]
    if (kind.beats) yield ['reports', { acknowledged: at(lease ? known : state.done).epoch, live: true }]
  }

  return {
    first: { done: 0, processes: kinds.map(() => FRESH) },
    next: (state) => [
      ...operator(state),
      ...kinds.flatMap(({ name }, nr) =>
        [...moves(state, nr)].map(([label, change, outcome = 'ok']) => ({
          label: `${name} ${label}`,
          to: {
            done: state.done,
            processes: state.processes.map((process, each) => (each === nr ? { ...process, ...change } : process)),
          },
          outcome,
        })),
      ),
    ],
  }
}

const CUT_OFF = { transaction: 'none', transactionPin: undefined } as const
