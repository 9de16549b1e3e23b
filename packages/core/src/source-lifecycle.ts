import type { FlagSource } from './flag-source.ts'
import type { Migration } from './migration.ts'
import type { Observer } from './observer.ts'
import type { PhaseSource } from './phase-source.ts'

export interface Sources {
  readonly flags?: FlagSource
  readonly phases?: PhaseSource
}

/**
 * Starts flags, then phases, and returns what stops both, once. When one refuses to start, those before it are stopped
 * again: they would keep timers and connections that nobody holds.
 */
export async function startSources(
  { flags, phases }: Sources,
  migrations: readonly Migration[],
  observer: Observer,
): Promise<() => Promise<void>> {
  const started: (FlagSource | PhaseSource)[] = []
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= stopAll(started)
    return stopped
  }
  try {
    await flags?.start?.(
      migrations.flatMap((migration) => migration.flag ?? []),
      observer,
    )
    if (flags) started.push(flags)
    await phases?.start?.(migrations.map((migration) => migration.id))
    if (phases) started.push(phases)
  } catch (cause) {
    // Why it did not start matters more than what stopping it says.
    await stop().catch(() => undefined)
    throw cause
  }
  return stop
}

/** One that cannot be stopped does not keep the others running. */
async function stopAll(sources: readonly (FlagSource | PhaseSource)[]): Promise<void> {
  const outcomes = await Promise.allSettled(sources.map(async (source) => source.stop?.()))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
