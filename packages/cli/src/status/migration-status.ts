import type {
  BackfillRange,
  BackfillRecord,
  InstanceRecord,
  LeaseRecord,
  MigrationRecord,
  VerificationRecord,
} from '@expand-contract/control'
import { type Migration, type Phase, shellWord } from '@expand-contract/core'
import { durationText } from '../output/duration.ts'

/** What the control schema knows of one migration. */
export interface StatusFacts {
  readonly migration: Migration
  readonly record: MigrationRecord | undefined
  readonly backfill: BackfillRecord | undefined
  readonly ranges: readonly BackfillRange[]
  /** The newest one. */
  readonly verification: VerificationRecord | undefined
  /** Clean passes one after another, up to the newest one, in its epoch: how many, and since when. @defaultValue not looked for */
  readonly passes?: { readonly count: number; readonly since: Date } | undefined
  /** Live processes. */
  readonly fleet: readonly InstanceRecord[]
  readonly lease: LeaseRecord | undefined
  /** What is left of a backfill, in seconds; undefined while it is not known. @defaultValue not known */
  readonly secondsLeft?: number | undefined
  /** How far an index of the table is that is being built, in percent. @defaultValue none is, or nobody may know */
  readonly indexPercent?: number | undefined
}

/** Who has to do something: you; you, when you like; the machine; nobody for now; nobody any more. */
export type Turn = 'act' | 'may-act' | 'working' | 'waiting' | 'done'

export const MARKS: Readonly<Record<Turn, string>> = {
  act: '[no]',
  'may-act': '[> ]',
  working: '[..]',
  waiting: '[  ]',
  done: '[ok]',
}

export interface MigrationStatus {
  readonly id: string
  readonly phase: Phase
  readonly since: Date | undefined
  readonly turn: Turn
  /** In a few words: `backfill 44.7 %`. */
  readonly state: string
  /** A verb of a command, or what is waited for. */
  readonly next: string
  /** The command, where there is one. */
  readonly command: string | undefined
  readonly acknowledged: { readonly processes: number; readonly missing: readonly InstanceRecord[] }
  readonly blocksDone: number
  readonly blocks: number
  readonly verified: boolean
}

interface Said extends Pick<MigrationStatus, 'turn' | 'state' | 'next'> {
  readonly verb?: string
}

export function statusOf(facts: StatusFacts): MigrationStatus {
  const { migration, record, ranges, verification, fleet } = facts
  const phase = record?.phase ?? 'off'
  const declaring = fleet.filter(({ declarations }) => declarations[migration.id] !== undefined)
  const missing = declaring.filter(({ acknowledged }) => (acknowledged[migration.id] ?? -1) < (record?.epoch ?? 0))
  const blocks = ranges.reduce((sum, { firstBlock, endBlock }) => sum + endBlock - firstBlock, 0)
  const blocksDone = ranges.reduce((sum, { firstBlock, cursorBlock }) => sum + cursorBlock - firstBlock, 0)
  const verified = verification?.clean === true && verification.epoch === record?.epoch
  const counted = { ...facts, blocks, blocksDone, verified }
  const said = atWork(SAYS[phase](counted), counted)
  return {
    ...{ id: migration.id, phase, since: record?.changedAt, turn: said.turn, state: said.state, next: said.next },
    command: said.verb === undefined ? undefined : `expand-contract ${said.verb} ${shellWord(migration.id)}`,
    acknowledged: { processes: declaring.length, missing },
    ...{ blocksDone, blocks, verified },
  }
}

/** Whoever has the lease works at it, and another one is refused meanwhile. */
function atWork(said: Said, { lease, indexPercent }: Counted): Said {
  if (lease === undefined || said.turn === 'working') return said
  const index = indexPercent === undefined ? '' : `, index ${Math.min(100, indexPercent).toFixed(0)} %`
  return { turn: 'working', state: `${lease.operation} by ${lease.who}${index}`, next: 'wait' }
}

interface Counted extends StatusFacts {
  readonly blocks: number
  readonly blocksDone: number
  readonly verified: boolean
}

const SAYS: Readonly<Record<Phase, (facts: Counted) => Said>> = {
  off: () => ({ turn: 'may-act', state: 'declared, not begun', next: 'expand', verb: 'expand' }),
  expand: expandSays,
  switch: switchSays,
  contract: () => ({ turn: 'may-act', state: 'the new column is authoritative', next: 'hold', verb: 'hold' }),
  hold: () => ({ turn: 'may-act', state: 'the old column is set aside', next: 'drop', verb: 'drop' }),
  dropped: () => ({ turn: 'done', state: 'done', next: 'remove code' }),
}

function expandSays({
  backfill,
  ranges,
  blocks,
  blocksDone,
  verification,
  verified,
  record,
  lease,
  secondsLeft,
}: Counted): Said {
  if (backfill === undefined || ranges.length === 0)
    return { turn: 'may-act', state: 'both are written, old rows are not filled', next: 'backfill', verb: 'backfill' }
  if (ranges.some(({ finishedAt }) => finishedAt === undefined)) {
    const percent = `backfill ${(blocks === 0 ? 100 : (100 * blocksDone) / blocks).toFixed(1)} %`
    if (backfill.paused)
      return { turn: 'act', state: `${percent}, paused${because(backfill)}`, next: 'resume', verb: 'resume' }
    const running =
      lease !== undefined || ranges.some(({ leaseUntil }) => leaseUntil !== undefined && leaseUntil > new Date())
    const eta = secondsLeft === undefined ? '' : `, eta ${durationText(secondsLeft * 1_000)}`
    if (running) return { turn: 'working', state: `${percent}${eta}`, next: 'wait' }
    return { turn: 'act', state: `${percent}, nobody works on it`, next: 'backfill', verb: 'backfill' }
  }
  if (verified) return { turn: 'may-act', state: 'filled and verified', next: 'switch', verb: 'switch' }
  if (verification !== undefined && verification.epoch === record?.epoch && differing(verification) > 0)
    return { turn: 'act', state: `${differing(verification)} rows differ`, next: 'repair', verb: 'repair' }
  return { turn: 'may-act', state: 'filled, not verified', next: 'verify', verb: 'verify' }
}

const because = ({ reason, pausedBy }: BackfillRecord): string =>
  `${pausedBy === undefined ? '' : ` by ${pausedBy}`}${reason === undefined ? '' : `: ${reason}`}`

export const differing = ({ counts }: VerificationRecord): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0)

/** Share of reads of the new side in the last interval of all processes, in percent; undefined where nothing is read. */
export function newReads(id: string, fleet: readonly InstanceRecord[]): number | undefined {
  const rates = fleet.map(({ reads }) => reads[id]).filter((each) => each !== undefined)
  const [old, added] = [
    rates.reduce((sum, { oldRate }) => sum + oldRate, 0),
    rates.reduce((sum, { newRate }) => sum + newRate, 0),
  ]
  return old + added === 0 ? undefined : (100 * added) / (old + added)
}

function switchSays({ migration, fleet, verification, record }: Counted): Said {
  if (verification !== undefined && verification.epoch === record?.epoch && differing(verification) > 0)
    return { turn: 'act', state: `${differing(verification)} rows differ`, next: 'repair', verb: 'repair' }
  const share = newReads(migration.id, fleet)
  if (share === undefined)
    return { turn: 'waiting', state: 'the flag decides; no process has reported a read', next: 'wait' }
  if (share === 100) return { turn: 'waiting', state: '100 % of reads are new', next: 'wait' }
  return { turn: 'may-act', state: `the flag decides, ${share.toFixed(1)} % of reads are new`, next: 'raise flag' }
}

const ORDER: readonly Turn[] = ['act', 'may-act', 'working', 'waiting', 'done']

/** Sorted by who has to act, then by age. */
export const byTurn = (one: MigrationStatus, other: MigrationStatus): number =>
  ORDER.indexOf(one.turn) - ORDER.indexOf(other.turn) || (one.since?.getTime() ?? 0) - (other.since?.getTime() ?? 0)
