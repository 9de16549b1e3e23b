/** The other end of a child process of this demo: its arguments, its reports and its orders. */
export interface ParentProcess<Order, Report> {
  /** What the parent gave when it started this process. */
  arguments<T>(): T
  /** Resolves when it is on its way. */
  send(report: Report): Promise<void>
  onOrder(handle: (order: Order) => Promise<void>): void
  /** Lets this process end. */
  leave(): void
}

/**
 * Connects to the process that started this one. When that is gone, whatever the reason, this one ends: nothing of the
 * demo outlives it.
 */
export function parentProcess<Order, Report>(): ParentProcess<Order, Report> {
  let leaving = false
  process.on('disconnect', () => {
    if (!leaving) process.exit(1)
  })
  if (!process.connected) process.exit(1)
  return {
    arguments: <T>() => JSON.parse(process.argv[2] ?? '{}') as T,
    send: (report) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(report, () => resolve())
        else resolve()
      }),
    onOrder: (handle) => void process.on('message', (order) => void handle(order as Order)),
    leave() {
      leaving = true
      process.disconnect?.()
    },
  }
}
