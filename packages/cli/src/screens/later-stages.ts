import type { Migration } from '@expand-contract/core'
import { bytesText, countText, durationText } from '../output/duration.ts'
import type { PlanLine, PlannedTable } from './plan-line.ts'

/** Rows per second of a backfill beside the application, and of a pass of verify: of a middling server, so that no more than "about" is said. */
const RATES = { backfill: [60_000, 40_000], verify: 1_000_000 } as const
/** WAL of a backfill, and what the table grows by, for each byte of it. */
const GROWTH = { wal: 1.4, disk: 0.25 } as const

const BLOCK = 8_192

/** What is known besides of what will be asked for; undefined: nothing is said of it. */
export interface PlannedCosts {
  /** Of the volume of the server. */
  readonly freeBytes?: number | undefined
  /** What a batch of the backfill should take. */
  readonly batchMs?: number | undefined
  readonly soakMs?: number | undefined
  readonly holdMs?: number | undefined
}

/** What follows behind `expand`, by which command, and about what it costs. */
export function laterStages(
  migration: Migration,
  found: PlannedTable | undefined,
  known: PlannedCosts = {},
): readonly PlanLine[] {
  const { old, id } = migration
  const { soakMs, holdMs } = known
  const olds = old.map(({ name }) => name)
  const held = olds.map((name) => `${name} -> _ec_held_${name}`).join(', ')
  const after = (needs: string): Pick<PlanLine, 'sign' | 'text' | 'lock' | 'about'> => ({
    ...{ sign: ' ', text: needs, lock: 'none', about: '' },
  })
  const columns = `column${olds.length === 1 ? '' : 's'} ${olds.join(', ')}`
  return [
    ...backfill(found, known),
    {
      ...{ stage: 'verify', sign: ' ', lock: 'none', about: took(found, RATES.verify) },
      text: found === undefined || found.rows < 0 ? 'compares all rows' : `compares ${countText(found.rows)} rows`,
    },
    {
      stage: 'switch',
      ...after(`the flag${migration.flag === undefined ? '' : ` ${migration.flag}`} decides; needs its gates`),
    },
    {
      stage: 'contract',
      ...after(`the new side counts; needs ${soakMs === undefined ? 'a soak' : `${durationText(soakMs)} of soak`}`),
    },
    { stage: 'hold', sign: '~', text: held, lock: 'ACCESS EXCLUSIVE, < 10 ms', about: '' },
    { stage: 'drop', sign: '-', text: columns, lock: 'ACCESS EXCLUSIVE, < 10 ms', about: '' },
    {
      stage: '',
      ...after(
        `needs a restored backup${found?.exact === false ? ' (without a key: a changed row may not have its exact value again)' : ''}, and ${holdMs === undefined ? 'time' : durationText(holdMs)} in hold`,
      ),
    },
    { stage: '', sign: '-', text: `trigger and function of ${id}`, lock: '', about: '' },
  ]
}

function backfill(found: PlannedTable | undefined, { freeBytes, batchMs }: PlannedCosts): readonly PlanLine[] {
  const lock = 'row locks'
  const batches = batchMs === undefined ? 'in short batches' : `in batches of ${durationText(batchMs)}`
  if (found === undefined || found.rows < 0)
    return [{ stage: 'backfill', sign: '~', text: `all blocks, ${batches}`, lock, about: '' }]
  const { rows, bytes } = found
  const about = rows < RATES.backfill[1] ? '< 1 s' : rangeText(...RATES.backfill.map((rate) => rows / rate))
  const blocks = `${countText(Math.ceil(bytes / BLOCK))} blocks, ${batches}`
  const free = freeBytes === undefined ? '' : ` (free ${bytesText(freeBytes)})`
  const cost = `WAL about ${bytesText(bytes * GROWTH.wal)}, disk about ${bytesText(bytes * GROWTH.disk)}${free}`
  return [
    { stage: 'backfill', sign: '~', text: blocks, lock, about },
    { stage: '', sign: ' ', text: cost, lock: '', about: '' },
  ]
}

/** `11 to 17 min` */
function rangeText(fast = 0, slow = 0): string {
  const minutes = [fast, slow].map((seconds) => Math.round(seconds / 60))
  return fast >= 120 ? minutes.join(' to ').concat(' min') : durationText(slow * 1_000)
}

const took = (found: PlannedTable | undefined, rate: number): string =>
  found === undefined || found.rows < 0 ? '' : found.rows < rate ? '< 1 s' : durationText((found.rows / rate) * 1_000)
