import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process that the demo started, with its reports as they come. */
export interface ChildProcess<Order, Report> {
  /** Does nothing once the process has ended. */
  send(order: Order): void
  /** The next report of a kind; fails when the process ends first. */
  next<Kind extends string>(kind: Kind): Promise<Extract<Report, { kind: Kind }>>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
}

/**
 * Starts a file of this folder as a process with the options of this one (so that it finds the TypeScript sources too).
 * It gets a process group of its own: Ctrl-C reaches the parent alone, which stops its children in order.
 */
export function startProcess<Order extends object, Report extends { readonly kind: string }>(
  file: string,
  args: object,
): ChildProcess<Order, Report> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(args)], { detached: true })
  // Reports that it has sent may come behind its exit.
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const onReport = (handle: (report: Report) => void): (() => void) => {
    const listener = (report: unknown): void => handle(report as Report)
    child.on('message', listener)
    return () => child.off('message', listener)
  }
  return {
    send: (order) => void (child.connected && child.send(order)),
    next: <Kind extends string>(kind: Kind) =>
      new Promise<Extract<Report, { kind: Kind }>>((resolve, reject) => {
        const off = onReport((report) => {
          if (report.kind !== kind) return
          off()
          resolve(report as Extract<Report, { kind: Kind }>)
        })
        void ended.then((code) => reject(new Error(`The process ${file} ended with code ${code}.`)))
      }),
    ended: ended.then(() => undefined),
  }
}
