import * as v from 'valibot'
import { PHASE_ORDER } from './phase-order.ts'

/** A command to paste. */
const step = v.object({
  command: v.pipe(v.string(), v.description('to paste')),
  why: v.optional(v.pipe(v.string(), v.description('what it is for'))),
})

const phase = v.picklist(PHASE_ORDER)
const counted = v.pipe(v.number(), v.minValue(0))

/** The last line of every command with `--json`, also of one that failed, was refused or was stopped. */
export const resultSchema = v.object({
  type: v.literal('result'),
  ok: v.pipe(v.boolean(), v.description('whether the exit code is 0')),
  command: v.pipe(v.string(), v.description('its name: `backfill`')),
  migration: v.pipe(v.nullable(v.string()), v.description('its id; null where the command concerns all of them')),
  database: v.pipe(v.nullable(v.string()), v.description('its name; null where there was no connection')),
  exitCode: v.pipe(v.picklist([0, 1, 2, 3, 4, 5, 6, 130, 143]), v.description('as `help exit-codes` lists them')),
  phase: v.pipe(
    v.nullable(phase),
    v.description('of the migration when the command ended; null where it was not read'),
  ),
  result: v.pipe(v.record(v.string(), v.unknown()), v.description('figures of the command; empty after an error')),
  gates: v.pipe(
    v.array(
      v.object({
        id: v.pipe(v.string(), v.description('as `help gates` lists them')),
        ok: v.boolean(),
        detail: v.pipe(v.string(), v.description('what was found')),
        more: v.optional(
          v.pipe(v.array(v.string()), v.description('of one that is missing: who, since when, what was seen')),
        ),
        opensAt: v.optional(
          v.pipe(v.string(), v.description('when it opens by itself, if nothing comes between; in ISO 8601')),
        ),
        remedy: v.optional(
          v.object({
            command: v.pipe(v.string(), v.description('what opens it, to paste')),
            why: v.optional(v.pipe(v.string(), v.description('about how long it takes'))),
          }),
        ),
      }),
    ),
    v.description('what the next stage needs, in the order to work in'),
  ),
  next: v.pipe(v.array(step), v.description('what to do next')),
  warnings: v.array(v.string()),
  error: v.pipe(
    v.nullable(
      v.object({
        code: v.pipe(
          v.string(),
          v.description('`EC_...` of docs/errors.md, an SQLSTATE of PostgreSQL, or `unexpected`'),
        ),
        message: v.string(),
        hint: v.optional(v.pipe(v.string(), v.description('what to do'))),
      }),
    ),
    v.description('null where there was none'),
  ),
})

export type ResultLine = v.InferOutput<typeof resultSchema>

const about = { migration: v.pipe(v.nullable(v.string()), v.description('its id; null where it concerns all of them')) }

/** Work has begun that tells how far it is. */
export const startSchema = v.object({
  type: v.literal('start'),
  ...about,
  command: v.string(),
  resumed: v.pipe(v.boolean(), v.description('it goes on where an earlier run stood')),
  blocks: v.pipe(v.tuple([counted, counted]), v.description('blocks that are done, and all')),
  rows: v.pipe(counted, v.description('that were filled so far')),
})

/** How far it is: at most once a second at first, later each 10 s, after 10 minutes each 30 s. */
export const progressSchema = v.object({
  type: v.literal('progress'),
  ...about,
  blocks: v.pipe(v.tuple([counted, counted]), v.description('blocks that are done, and all: exact')),
  rows: counted,
  ratePerSecond: v.optional(v.pipe(v.nullable(counted), v.description('rows; null while it is not known'))),
  etaSeconds: v.optional(v.pipe(v.nullable(counted), v.description('null before 1 % and before 10 s'))),
  state: v.optional(v.picklist(['filling', 'waiting'])),
  reason: v.optional(
    v.pipe(
      v.nullable(
        v.object({
          code: v.picklist([
            'paused',
            'replica_lag',
            'wal_rate',
            'lock_waits',
            'oldest_transaction',
            'active_sessions',
            'query',
          ]),
          replica: v.optional(v.pipe(v.string(), v.description('its application_name'))),
          value: v.optional(v.number()),
          limit: v.optional(v.number()),
          unit: v.optional(v.string()),
          detail: v.optional(v.pipe(v.string(), v.description('what the operator, or your query, has said'))),
        }),
      ),
      v.description('why it waits; null while it works'),
    ),
  ),
  resumed: v.optional(v.boolean()),
  failedRows: v.optional(v.pipe(counted, v.description('passed, since no value can be found for them'))),
  traffic: v.optional(
    v.pipe(
      v.nullable(
        v.object({
          p95Ms: v.pipe(counted, v.description('of the last minute or so, reads and writes of either side')),
          beforeMs: v.pipe(counted, v.description('the same before the migration began, or before this work')),
          ratio: counted,
        }),
      ),
      v.description('of backfill: how long statements on the table take; null where no process has counted enough'),
    ),
  ),
  differing: v.optional(v.pipe(counted, v.description('of verify: rows that differ so far'))),
})

/** It waits for others: a lock, processes, a condition. */
export const waitSchema = v.object({
  type: v.literal('wait'),
  ...about,
  for: v.pipe(v.string(), v.description('`lock`, or the condition')),
  detail: v.optional(v.string()),
  tries: v.optional(v.pipe(counted, v.description('of a lock: tries that have failed'))),
  retryInMs: v.optional(counted),
  blockers: v.optional(
    v.array(
      v.object({
        pid: v.pipe(v.number(), v.description('0 for a prepared transaction')),
        application: v.string(),
        role: v.string(),
        state: v.string(),
        since: v.nullable(v.string()),
        statement: v.pipe(v.nullable(v.string()), v.description('without values; null where the role may not see it')),
      }),
    ),
  ),
  missing: v.optional(v.pipe(v.array(v.string()), v.description('processes that do not follow yet'))),
})

/** A step that was done, or something that happened on the way. */
export const stepSchema = v.object({
  type: v.literal('step'),
  ...about,
  step: v.pipe(v.string(), v.description('what it is: `column and sync trigger`, `vacuum`, `pass`, `status`')),
  detail: v.optional(v.record(v.string(), v.unknown())),
})

/** Each line of stdout with `--json`. */
export const lineSchema = v.variant('type', [startSchema, progressSchema, waitSchema, stepSchema, resultSchema])

export type JsonLine = v.InferOutput<typeof lineSchema>

const figure = (says: string) => v.optional(v.pipe(counted, v.description(says)))

const latency = v.object({
  count: v.pipe(counted, v.description('statements')),
  seconds: v.pipe(counted, v.description('the time in which processes have counted them')),
  perSecond: counted,
  p50Ms: v.pipe(counted, v.description('from when it was sent to when its answer had arrived; off by 3.1 % at most')),
  p95Ms: counted,
  p99Ms: counted,
  noise: v.pipe(
    v.object({ p50: counted, p95: counted, p99: counted }),
    v.description('how far each of them wanders by itself, in percent'),
  ),
})

const measured = v.object({
  stage: v.pipe(v.string(), v.description('the phase, or the name that was given')),
  phase: v.pipe(phase, v.description('that the migration was in; `off` before it began')),
  sessions: v.optional(
    v.pipe(
      v.object({ read: v.optional(latency), write: v.optional(latency) }),
      v.description('as the processes of the fleet have counted'),
    ),
  ),
  seconds: figure('how long the counters of the server were looked at'),
  tableBytes: figure('with partitions, as what follows'),
  indexBytes: figure(''),
  liveRows: figure(''),
  deadRows: figure(''),
  writesPerSecond: figure('rows of the table that were written'),
  rowsPerWrite: figure('the same for each statement that writes'),
  hotShare: figure('percent of updates that touched no index'),
  walPerRow: figure('bytes of WAL for a row that is written, of the statements on the table'),
  serverWalPerRow: figure('the same of the whole server'),
  statementsPerSecond: figure('by pg_stat_statements, as what follows'),
  p50Ms: figure('of the means of each statement in each tenth of the time, by how often it ran'),
  p95Ms: figure(''),
  p99Ms: figure(''),
  noise: figure('how far the mean of all statements wanders, in percent'),
})

/** `result` of `measure`. */
export const measureSchema = v.object({
  migrations: v.pipe(
    v.array(
      v.object({
        migration: v.pipe(v.string(), v.description('its id')),
        phase,
        measured: v.pipe(measured, v.description('what was recorded now')),
        before: v.pipe(v.nullable(measured), v.description('the first stage that is known; null where this is it')),
        stages: v.pipe(v.array(measured), v.description('all stages that are known, with this one')),
        compared: v.pipe(
          v.array(
            v.object({
              name: v.pipe(v.string(), v.description('`reads p95`')),
              before: v.string(),
              now: v.string(),
              change: v.string(),
              verdict: v.string(),
              worse: v.optional(
                v.pipe(
                  v.picklist(['expected', 'unexpected']),
                  v.description(
                    'by more than noise: since both columns are written, or for a reason that is to be found',
                  ),
                ),
              ),
            }),
          ),
          v.description('`before` and `measured`, in words'),
        ),
        counted: v.pipe(v.boolean(), v.description('whether pg_stat_statements could be read')),
      }),
    ),
    v.description('one, or all that are declared'),
  ),
})

export type MeasureResult = v.InferOutput<typeof measureSchema>

/** `result` of `runbook`. */
export const runbookSchema = v.object({
  text: v.optional(v.pipe(v.string(), v.description('the page, without `--write` and `--check`'))),
  files: v.optional(
    v.pipe(
      v.array(
        v.object({
          path: v.pipe(v.string(), v.description('from the working directory')),
          changed: v.optional(v.pipe(v.boolean(), v.description('of `--write`'))),
          missing: v.optional(v.pipe(v.boolean(), v.description('of `--check`'))),
          differences: v.optional(v.pipe(v.array(v.string()), v.description('of `--check`: lines that differ'))),
        }),
      ),
      v.description('the page and its plot with `--write`; with `--check` those of them that are stale'),
    ),
  ),
  stale: v.optional(v.pipe(v.boolean(), v.description('with `--check`'))),
})

export type RunbookResult = v.InferOutput<typeof runbookSchema>
