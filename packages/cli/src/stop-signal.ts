import type { Ending } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output/output.ts'

/** The two ways in which a person, or a system that shuts down, ends a command. */
export interface StopSignal {
  /** Aborted by the first signal: stop after this batch. */
  readonly signal: AbortSignal
  /** How a command ends that was stopped; undefined: it was not. */
  readonly ending: () => Ending | undefined
  /** Called with the second signal, and each second from then on: cancel what runs in the database now. */
  onSecond(cancel: () => void): void
  end(): void
}

/** What comes behind a statement that was cancelled may wait for the same lock. */
const CANCEL_MS = 1_000

export function listenForStop(io: Io, output: Output): StopSignal {
  const controller = new AbortController()
  let ending: Ending | undefined
  let cancel: (() => void) | undefined
  let again: NodeJS.Timeout | undefined
  const end = io.onSignal((name) => {
    if (ending !== undefined) {
      output.warn('Cancelling the statement that runs.')
      cancel?.()
      again ??= setInterval(() => cancel?.(), CANCEL_MS).unref()
      return
    }
    ending = name === 'SIGTERM' ? 'terminated' : 'interrupted'
    output.warn('Interrupt received. Stopping after this step; once more cancels the statement that runs.')
    controller.abort()
  })
  return {
    signal: controller.signal,
    ending: () => ending,
    onSecond(next) {
      cancel = next
    },
    end() {
      clearInterval(again)
      end()
    },
  }
}
