import {
  advanceRun,
  beginRun,
  type Control,
  type MigrationRecord,
  openControl,
  type RunKey,
  type RunRecord,
  readMigration,
  readRun,
  recordVerification,
} from '@expand-contract/control'
import { type Migration, type Phase, shellWord } from '@expand-contract/core'
import type { StepRequest, StepResult } from '../engine/step.ts'
import { StepBudget } from '../engine/step-budget.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { type BackfillMember, readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { checkTableThere } from '../rows/table-missing.ts'
import { END_OF_TABLE, FIRST_ROW, type Tid } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import {
  differing,
  type Findings,
  type Held,
  heldTogether,
  NO_FINDINGS,
  NOTHING_HELD,
  Rewritten,
  RowComparer,
  together,
} from './row-comparer.ts'
import { readTriggerState, sameTriggers, type TriggerState, triggerStateOf } from './trigger-state.ts'

export interface VerifyStepOptions {
  /** Keys of rows to remember, of each class. @defaultValue 20 */
  readonly samples?: number
}

/** How far a pass is, and what it has found. */
export interface VerifyCursor extends Findings {
  readonly phase: Phase
  readonly epoch: number
  /** In ISO 8601, by the clock of the server. */
  readonly startedAt: string
  /** The sync trigger when the pass began. */
  readonly trigger: TriggerState
  /** It has been the same since. */
  readonly steady: boolean
  /** @defaultValue not counted: the pass was begun by an earlier version */
  readonly held?: Held
  /** The member that it is at, its file, and the first row that was not looked at. Members with lesser oids are done. */
  readonly at: { readonly oid: number; readonly filenode: number; readonly next: Tid } | undefined
  /** At the end: no row is out of step, and the sync trigger was on throughout, on every member, and the same. */
  readonly clean: boolean
}

export interface VerifyEvent {
  readonly type: 'progress'
  readonly rows: number
  readonly differing: number
  readonly blocksDone: number
  readonly blocks: number
}

export type VerifyStepRequest = StepRequest<VerifyStepOptions, VerifyCursor, VerifyEvent>

/**
 * A part of a pass over all rows; the last one records the pass. A token is a pass: where it stands is counted in the database, so two
 * workers that have one token count no row twice. It begins again where the epoch has moved on, or a member was rewritten.
 * @throws EC_TABLE_MISSING, EC_BACKFILL_NOT_EXPANDED, EC_DECLARATION_CHANGED, and what PostgreSQL says; 42501 where row security would hide rows
 */
export async function verifyStep(request: VerifyStepRequest): Promise<StepResult<VerifyCursor>> {
  const { migration, database, leaseToken, budgetMs, options = {}, onEvent } = request
  const { client, controlSchema: schema = 'expand_contract', operator, signal } = database
  const control = openControl(client, { schema })
  const budget = new StepBudget(budgetMs, signal)
  const key = { migration: migration.id, operation: 'verify', leaseToken }
  const record = await readRecord(control, migration, client)
  const { shape, trigger } = await readShape(client, migration, schema)
  const samples = options.samples ?? 20
  const helper = trigger?.helperHash !== undefined
  const pass = new Pass({ client, control, shape, record, samples, key, helper })
  let run = await pass.open(operator.who, triggerStateOf(shape, record.phase, trigger))
  for (;;) {
    if (run.finishedAt !== undefined) return { done: true, cursor: run.cursor, retryAfterMs: 0 }
    const members = await readMembers(client, shape.table)
    const member = nextMember(members, run.cursor)
    if (member !== undefined && budget.over !== undefined) return { done: false, cursor: run.cursor, retryAfterMs: 0 }
    run = member === undefined ? await pass.finish(run, operator.who) : await pass.look(run, member)
    budget.cameOn()
    onEvent?.({
      type: 'progress',
      rows: run.cursor.rows,
      differing: differing(run.cursor),
      ...blocksOf(members, run.cursor),
    })
  }
}

type Run = RunRecord<VerifyCursor>

interface PassFacts {
  readonly client: RunnerClient
  readonly control: Control
  readonly shape: SyncShape
  readonly record: MigrationRecord
  readonly samples: number
  readonly key: RunKey
  readonly helper: boolean
}

/** One look at all rows. */
class Pass {
  readonly #facts: PassFacts
  readonly #comparer: RowComparer

  constructor(facts: PassFacts) {
    const { client, shape, record, samples, helper } = facts
    this.#facts = facts
    this.#comparer = new RowComparer({ client, shape, phase: record.phase, samples, helper })
  }

  /** The run of this token, begun where there is none, and begun again where the epoch has moved on; `seen` is the trigger as this step found it. */
  async open(worker: string, seen: TriggerState): Promise<Run> {
    const { control, key, record } = this.#facts
    const found = await readRun<VerifyCursor>(control, key)
    if (found === undefined) {
      const begun = await beginRun(control, { ...key, worker, cursor: await this.#start(seen) })
      return begun ?? (await this.#now())
    }
    if (found.finishedAt !== undefined) return found
    const { phase, epoch, trigger } = found.cursor
    if (phase !== record.phase || epoch !== record.epoch) return this.#move(found, await this.#start(seen))
    const same = sameTriggers(trigger, seen)
    return same ? found : this.#move(found, { ...found.cursor, steady: false })
  }

  async look(run: Run, member: BackfillMember): Promise<Run> {
    const { oid, filenode } = member
    const at = run.cursor.at
    if (at?.oid === oid && at.filenode !== filenode) return this.#move(run, await this.#start())
    try {
      const { found, next, held: looked } = await this.#comparer.look(member, at?.oid === oid ? at.next : FIRST_ROW)
      const all = together(run.cursor, found, this.#facts.samples)
      const held = heldTogether(run.cursor.held ?? NOTHING_HELD, looked)
      return await this.#move(run, { ...run.cursor, ...all, held, at: { oid, filenode, next } })
    } catch (error) {
      if (!(error instanceof Rewritten)) throw error
      return this.#move(run, await this.#start())
    }
  }

  /** The pass and its end are recorded together. */
  async finish(run: Run, who: string): Promise<Run> {
    const { client, control, key } = this.#facts
    const trigger = await this.#trigger()
    const steady = run.cursor.steady && sameTriggers(run.cursor.trigger, trigger)
    const cursor = { ...run.cursor, trigger, steady, clean: steady && trigger.on && differing(run.cursor) === 0 }
    await client.query('BEGIN')
    try {
      const ended = await advanceRun(control, { ...key, serial: run.serial, cursor, finished: true })
      if (ended !== undefined) {
        const { epoch, startedAt, rows, counts, samples, clean } = cursor
        await recordVerification(control, {
          ...{ migration: key.migration, epoch, startedAt: new Date(startedAt), rows, counts, samples, clean, who },
          triggers: trigger.members,
        })
      }
      await client.query(ended === undefined ? 'ROLLBACK' : 'COMMIT')
      return ended ?? (await this.#now())
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Where another worker was faster, its cursor counts. */
  async #move(run: Run, cursor: VerifyCursor): Promise<Run> {
    const { control, key } = this.#facts
    return (await advanceRun(control, { ...key, serial: run.serial, cursor })) ?? (await this.#now())
  }

  async #now(): Promise<Run> {
    const { control, key } = this.#facts
    const run = await readRun<VerifyCursor>(control, key)
    if (run === undefined) throw new RangeError('the run was deleted meanwhile')
    return run
  }

  #trigger(): Promise<TriggerState> {
    const { client, shape, record } = this.#facts
    return readTriggerState(client, shape, record.phase)
  }

  async #start(seen?: TriggerState): Promise<VerifyCursor> {
    const { client, record } = this.#facts
    const trigger = seen ?? (await this.#trigger())
    const { rows } = await client.query(
      'SELECT (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::float8::text AS at',
    )
    return {
      ...{ ...NO_FINDINGS, phase: record.phase, epoch: record.epoch, trigger, steady: true },
      ...{ startedAt: new Date(Number(rows[0]?.at)).toISOString(), at: undefined, clean: false },
    }
  }
}

/** The one that the cursor is in, or the first behind it; undefined at the end. */
const nextMember = (members: readonly BackfillMember[], { at }: VerifyCursor): BackfillMember | undefined =>
  members.find(
    ({ oid }) => at === undefined || oid > at.oid || (oid === at.oid && at.next.block !== END_OF_TABLE.block),
  )

function blocksOf(
  members: readonly BackfillMember[],
  { at }: VerifyCursor,
): { readonly blocksDone: number; readonly blocks: number } {
  const done = members.map(({ oid, blocks }) =>
    at === undefined || oid > at.oid ? 0 : oid < at.oid ? blocks : Math.min(blocks, at.next.block),
  )
  const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0)
  return { blocksDone: sum(done), blocks: sum(members.map(({ blocks }) => blocks)) }
}

async function readRecord(control: Control, migration: Migration, client: RunnerClient): Promise<MigrationRecord> {
  const { id } = migration
  const record = await readMigration(control, id)
  if (record !== undefined && record.phase !== 'off') {
    checkDeclaration(migration, record)
    return record
  }
  await checkTableThere(client, migration)
  throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
    message: `The migration ${id} has not begun.`,
    hint: `Run \`expand-contract expand ${shellWord(id)}\` first.`,
    migration: id,
  })
}
