import { setTimeout as delay } from 'node:timers/promises'
import { type Control, type Operator, openControl, readMigration, recordPhase } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import { BatchSize } from '../backfill/batch-size.ts'
import { prepareRows } from '../backfill/prepare.ts'
import { fillBlocks, fillRows } from '../backfill/run-batch.ts'
import type { BackfillTask } from '../backfill/task.ts'
import { keepTrigger } from '../backfill/user-triggers.ts'
import { checkDeclaration } from '../phase/check-declaration.ts'
import { type BackfillMember, readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import { seeingAllRows } from '../rows/seeing-all-rows.ts'
import { END_OF_TABLE, FIRST_ROW, type Tid } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { type DifferenceClass, differencesOf } from '../verify/differences.ts'
import { NO_FINDINGS, RowComparer, together } from '../verify/row-comparer.ts'

export interface RepairOptions {
  readonly migration: Migration
  /** A connection of its own. */
  readonly client: RunnerClient
  /** The control schema. @defaultValue 'expand_contract' */
  readonly schema?: string
  readonly operator: Operator
  /** Counts the rows that would be written, and writes none. @defaultValue false */
  readonly dryRun?: boolean
  /** Rows of this class alone. One that a phase does not write, as `way_back` before `contract`, has none. @defaultValue all */
  readonly class?: RepairableClass | undefined
  /** Stops between two batches; run again, it does the rest. */
  readonly signal?: AbortSignal
  /** Runs DDL under a short lock timeout, trying again. */
  readonly ddl: (text: string) => Promise<void>
  /** Called after each batch; must not throw. @defaultValue nothing */
  readonly onProgress?: (blocksDone: number, blocks: number, rows: number) => void
}

/** How a row can be out of step that a value can be found for. */
export type RepairableClass = Exclude<DifferenceClass, 'unconvertible'>

export interface RepairResult {
  readonly phase: Phase
  /** Rows that were written, or would be. */
  readonly rows: number
  /** Rows that no value can be found for. */
  readonly failed: number
  readonly stopped: boolean
}

/** The side that follows the other: where they differ, it is the authoritative one that counts. */
const FOLLOWS: Readonly<Record<Phase, 'old' | 'new'>> = {
  off: 'new',
  expand: 'new',
  switch: 'new',
  contract: 'old',
  hold: 'old',
  dropped: 'old',
}

/**
 * Puts rows in step again by the conflict rule: the authoritative side of the phase counts, the old one up to `switch`, the new one in
 * `contract`. It raises the epoch before it writes, so what was verified before proves nothing any more. In batches and by the rules of the backfill:
 * no trigger of the application sees it.
 * @throws EC_BACKFILL_NOT_EXPANDED, EC_TABLE_MISSING, EC_SYNC_TRIGGER, EC_BACKFILL_TRIGGERS, EC_DECLARATION_CHANGED, EC_CONTROL_MOVED
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  const { migration, client, schema = 'expand_contract', operator, ddl, dryRun = false } = options
  const control = openControl(client, { schema })
  const record = await readMigration(control, migration.id)
  if (record === undefined || record.phase === 'off')
    throw runnerError('EC_BACKFILL_NOT_EXPANDED', {
      message: `The migration ${migration.id} has not begun.`,
      hint: `Run \`expand-contract expand ${migration.id}\` first.`,
      migration: migration.id,
    })
  checkDeclaration(migration, record)
  const { phase, epoch } = record
  const side = FOLLOWS[phase]
  if (dryRun) return { phase, ...(await countRows(options, phase)) }
  const phases = ['expand', 'switch', 'contract'] as const
  const prepared = await prepareRows(client, { migration, schema, ddl, phases, side })
  await recordPhase(control, { ...operator, migration: migration.id, operation: 'repair', from: phase, epoch })
  const only = options.class === undefined ? undefined : differencesOf(prepared.shape, phase)[options.class]
  const work = new Repair(control, { ...prepared, side, token: '', only }, options)
  for (const member of prepared.members)
    if (!(await work.member(member))) return { phase, rows: work.rows, failed: work.failed, stopped: true }
  if (prepared.shield.keep) for (const member of prepared.members) await ddl(keepTrigger(prepared.shape, member).drop)
  return { phase, rows: work.rows, failed: work.failed, stopped: false }
}

/** The classes whose rows are written, by the side that follows. */
const WRITES: Readonly<Record<'old' | 'new', readonly RepairableClass[]>> = {
  new: ['new_missing', 'new_orphan', 'differs'],
  old: ['way_back'],
}

/** What a look at all rows finds; those that no value fits are not counted as rows to be written. */
async function countRows(
  { client, migration, schema = 'expand_contract', signal, class: only }: RepairOptions,
  phase: Phase,
): Promise<Pick<RepairResult, 'rows' | 'failed' | 'stopped'>> {
  const { shape } = await readShape(client, migration, schema)
  const comparer = new RowComparer({ client: seeingAllRows(client), shape, phase, samples: 0 })
  let counts = NO_FINDINGS
  for (const member of await readMembers(client, shape.table))
    for (let next: Tid = FIRST_ROW; next.block !== END_OF_TABLE.block && signal?.aborted !== true; ) {
      const look = await comparer.look(member, next)
      counts = together(counts, look.found, 0)
      next = look.next
    }
  const written = WRITES[FOLLOWS[phase]].filter((name) => only === undefined || name === only)
  const rows = written.reduce((sum, name) => sum + counts.counts[name], 0)
  return { rows, failed: counts.counts.unconvertible, stopped: signal?.aborted === true }
}

class Repair {
  rows = 0
  failed = 0
  readonly #control: Control
  readonly #task: BackfillTask
  readonly #options: RepairOptions
  readonly #size = new BatchSize({ profile: 'gentle' })

  constructor(control: Control, task: BackfillTask, options: RepairOptions) {
    this.#control = control
    this.#task = task
    this.#options = options
  }

  /** False when it was stopped. */
  async member(given: BackfillMember): Promise<boolean> {
    let member = given
    let most = Number.POSITIVE_INFINITY
    for (let from = 0; from < member.blocks; ) {
      if (this.#options.signal?.aborted === true) return false
      const pages = Math.min(this.#size.pages, most, member.blocks - from)
      const batch = { member, from, to: from + pages, durable: false, settle: async () => true }
      const started = performance.now()
      const tried = await fillBlocks(this.#control, this.#task, batch)
      const outcome = tried.kind === 'refused' && pages === 1 ? await fillRows(this.#control, this.#task, batch) : tried
      if (outcome.kind === 'refused') most = Math.max(1, Math.floor(pages / 2))
      else if (outcome.kind === 'busy') await this.#busy()
      else if (outcome.kind === 'lost') [member, from] = [await this.#rewritten(member), 0]
      else {
        if (most === Number.POSITIVE_INFINITY) this.#size.took(pages, performance.now() - started)
        else most *= 2
        from += pages
        this.rows += outcome.rows
        this.failed += outcome.failed
        this.#options.onProgress?.(from, member.blocks, this.rows)
      }
    }
    return true
  }

  async #busy(): Promise<void> {
    this.#size.failed()
    await delay(50 + Math.random() * 200, undefined, { signal: this.#options.signal }).catch(() => undefined)
  }

  /** It has other blocks now. */
  async #rewritten(before: BackfillMember): Promise<BackfillMember> {
    const members = await readMembers(this.#options.client, this.#options.migration.table)
    return members.find(({ oid }) => oid === before.oid) ?? { ...before, blocks: 0 }
  }
}
