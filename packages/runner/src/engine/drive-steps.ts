import { setTimeout as delay } from 'node:timers/promises'
import type { StepResult } from './step.ts'

export interface DriveSteps<Cursor> {
  /** One step, from where the one before has left it. */
  readonly step: (cursor: Cursor | undefined, budgetMs: number) => Promise<StepResult<Cursor>>
  /** The budget of one step, in milliseconds. */
  readonly stepMs: number
  /** Of all of them. @defaultValue none */
  readonly budgetMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with what each step has returned; true ends it. */
  readonly stopAt?: (result: StepResult<Cursor>) => boolean
}

/** The simplest engine: steps in one process, one after another, until the work is done. */
export async function driveSteps<Cursor>(
  options: DriveSteps<Cursor>,
): Promise<{ readonly result: StepResult<Cursor>; readonly ended: 'done' | 'stopped' | 'budget' | 'stopAt' }> {
  const { step, stepMs, budgetMs = Number.POSITIVE_INFINITY, signal, stopAt } = options
  const started = performance.now()
  const stopped = (): boolean => signal?.aborted === true
  const left = (): number => Math.max(0, budgetMs - (performance.now() - started))
  for (let cursor: Cursor | undefined; ; ) {
    const result = await step(cursor, Math.min(stepMs, left()))
    cursor = result.cursor
    if (result.done) return { result, ended: 'done' }
    if (stopAt?.(result) === true) return { result, ended: 'stopAt' }
    if (stopped()) return { result, ended: 'stopped' }
    if (left() === 0) return { result, ended: 'budget' }
    if (result.retryAfterMs > 0)
      await delay(Math.min(result.retryAfterMs, left()), undefined, signal === undefined ? {} : { signal }).catch(
        () => undefined,
      )
    if (stopped()) return { result, ended: 'stopped' }
  }
}
