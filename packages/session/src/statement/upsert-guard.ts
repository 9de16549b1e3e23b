import type { Plan } from '@expand-contract/sql'
import type { OwnQuery } from '../own-query/own-query.ts'

type Overtaken = NonNullable<Plan['overtaken']>

/** unique_violation, exclusion_violation. */
const DUPLICATE = new Set(['23505', '23P01'])

const SAVEPOINT = 'expand_contract_upsert'
const SET: OwnQuery = { text: `SAVEPOINT ${SAVEPOINT}`, values: [] }
const BACK: OwnQuery = { text: `ROLLBACK TO SAVEPOINT ${SAVEPOINT}`, values: [] }
const RELEASE: OwnQuery = { text: `RELEASE SAVEPOINT ${SAVEPOINT}`, values: [] }

/**
 * How often a statement is sent at most. The row that was faster is there the next time, so each time again is for a row that
 * came and went, or for another one of many rows; a duplicate that is none of a race is told after this.
 */
const MAX_SENT = 5

/**
 * Has an upsert sent again that another one of the same new key has overtaken. Outside of a transaction nothing of it was done;
 * within one a savepoint is set ahead of it, which is there for nothing else: after any other error the transaction has failed.
 */
export class UpsertGuard {
  readonly #overtaken: Overtaken
  #sent = 1
  #inTransaction = false
  /** Of the savepoint. undefined: it is not known yet whether one is needed. */
  #state: 'unneeded' | 'wanted' | 'set' | 'failed' | undefined

  constructor(overtaken: Overtaken) {
    this.#overtaken = overtaken
  }

  /** The statement's turn has come: what has to be run ahead of it. */
  ahead(inTransaction: boolean): OwnQuery | undefined {
    if (this.#state === undefined) this.#inTransaction = inTransaction
    // Where the other column has no unique index, nothing is refused for it: one that is younger than the catalog is the exception.
    this.#state ??= inTransaction && this.#overtaken.indexes.length > 0 ? 'wanted' : 'unneeded'
    return this.#state === 'wanted' ? SET : this.#state === 'failed' ? BACK : undefined
  }

  /** That was run. */
  wasAhead(): void {
    this.#state = 'set'
  }

  /** What has to be run behind it, once it has succeeded. */
  get behind(): OwnQuery | undefined {
    return this.#state === 'set' ? RELEASE : undefined
  }

  /** True when the statement is to be sent again for an error. */
  again(error: object): boolean {
    const possible = this.#sent < MAX_SENT && (!this.#inTransaction || this.#state === 'set')
    if (!possible || !this.#wasOvertaken(error)) return false
    this.#sent++
    if (this.#state === 'set') this.#state = 'failed'
    return true
  }

  #wasOvertaken({ code, schema, table, constraint }: ErrorFields): boolean {
    if (!DUPLICATE.has(code ?? '') || constraint === undefined) return false
    const { indexes, tables } = this.#overtaken
    return (
      indexes.some((index) => index.schema === schema && index.name === constraint) ||
      tables.some((each) => each.schema === schema && each.name === table && !each.indexes.includes(constraint))
    )
  }
}

interface ErrorFields {
  readonly code?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
  readonly constraint?: string | undefined
}
