import type { AnswerEvent, Phase, PhysicalState, Runtime } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import type { SentStatement } from '../error/error-names.ts'
import { StatementFacts } from '../text/statement-facts.ts'
import { keyWord } from '../text/statements-in.ts'

/** Tells the observers how long statements on migrating tables take; while nobody listens no clock is asked. */
export class StatementTimer {
  readonly #runtime: Runtime
  /** Of those that begin with SELECT or WITH, by the plan, which is kept. */
  readonly #kinds = new WeakMap<Plan, Kind>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** Somebody wants to know; observers come and go. */
  get isOn(): boolean {
    return this.#runtime.observer.onAnswer !== undefined
  }

  /** Taken when a statement is sent; undefined while nobody wants to know. */
  now(): number | undefined {
    return this.isOn ? performance.now() : undefined
  }

  /** The answer has arrived whole, and is no error. `sentAt`: of `now`. */
  answered(sent: SentStatement | undefined, sentAt: number | undefined): void {
    const { observer } = this.#runtime
    if (sent === undefined || sentAt === undefined || observer.onAnswer === undefined) return
    if (sent.plan.touches.length === 0) return
    const kind = this.#kindOf(sent)
    if (kind !== undefined) observer.onAnswer(new TimedAnswer(this.#runtime, sent, kind, performance.now() - sentAt))
  }

  #kindOf({ plan, text }: SentStatement): Kind | undefined {
    const kind = KINDS[plan.command]
    if (kind !== 'read') return kind
    let found = this.#kinds.get(plan)
    if (found === undefined) {
      found = writesInWith(text) ? 'write' : 'read'
      this.#kinds.set(plan, found)
    }
    return found
  }
}

type Kind = AnswerEvent['kind']

const KINDS: Readonly<Record<string, Kind | undefined>> = {
  ...{ SELECT: 'read', INSERT: 'write', UPDATE: 'write', DELETE: 'write', MERGE: 'write' },
}

/** By its words: WITH, and one of these, which is not that of FOR UPDATE. */
function writesInWith(text: string): boolean {
  const words = new StatementFacts(text).statements[0]?.words.map(keyWord) ?? []
  if (words[0] !== 'with') return false
  return words.some(
    (word, at) =>
      KINDS[word.toUpperCase()] === 'write' && !(word === 'update' && ['for', 'key'].includes(words[at - 1] ?? '')),
  )
}

const BY_COLUMNS: Readonly<Record<PhysicalState, Phase>> = { old: 'off', both: 'expand', new: 'contract' }

/** A class, as PlannedStatementEvent is. */
class TimedAnswer implements AnswerEvent {
  readonly kind: Kind
  readonly ms: number
  readonly reads: AnswerEvent['reads']
  readonly #runtime: Runtime
  readonly #sent: SentStatement

  constructor(runtime: Runtime, sent: SentStatement, kind: Kind, ms: number) {
    this.kind = kind
    this.ms = ms
    this.reads = sent.plan.reads
    this.#runtime = runtime
    this.#sent = sent
  }

  get shape(): object {
    return this.#sent.plan
  }

  get phases(): Readonly<Record<string, Phase>> {
    const { plan, phases: known } = this.#sent
    const phases: Record<string, Phase> = {}
    for (const { migration, physical } of plan.touches)
      phases[migration.id] =
        this.#runtime.phaseOf(migration, known) ?? BY_COLUMNS[physical === 'incomplete' ? 'old' : physical]
    return phases
  }

  /** Getters of a class are not written by themselves. */
  toJSON(): Omit<AnswerEvent, 'shape'> {
    const { kind, ms, reads, phases } = this
    return { kind, ms, reads, phases }
  }
}
