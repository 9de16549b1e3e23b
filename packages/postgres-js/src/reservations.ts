import type {
  DriverClasses,
  DriverConnection,
  DriverPool,
  PendingQuery,
  ReservedConnection,
} from './postgres-js-internals.ts'
import { withMembers } from './replaced-members.ts'

/** A connection for one party alone. */
export interface Reservation {
  readonly sql: ReservedConnection
  /** Gives it to whoever waits for one. */
  passOn(): void
  /** Gives it back to the driver. */
  giveBack(): void
}

interface Waiting {
  resolve(reservation: Reservation): void
  reject(error: unknown): void
}

/** So often a connection is passed on before statements that the driver keeps waiting may have it. */
const MAX_TURNS = 16

/**
 * Connections of a pool for one party alone. The driver's own `reserve` hands out those that are open and idle; where it has to
 * wait for one it may wait for ever: when a connection is opened for it with `fetch_types: false`, when one is lost or ends
 * meanwhile, and when opening one has failed once. So there a connection is held by an empty statement, as the driver's
 * `begin` does it with its own, and passed on among those who wait.
 */
export class Reservations {
  readonly #driver: DriverPool
  readonly #classes: DriverClasses
  readonly #seen = new WeakSet<DriverConnection>()
  readonly #waiting: Waiting[] = []
  readonly #asked = new Set<Promise<void>>()
  readonly #returning = new Set<Promise<unknown>>()
  /** The driver's list of those that are open and idle; undefined until one was seen to enter it. */
  #idle: { readonly length: number } | undefined

  constructor(driver: DriverPool, classes: DriverClasses) {
    this.#driver = driver
    this.#classes = classes
  }

  async reserve(): Promise<Reservation> {
    if ((this.#idle?.length ?? 0) > 0) {
      const sql = await this.#driver.reserve()
      return this.#reservation(sql, () => sql.release())
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#ask()
    })
  }

  #reservation(sql: ReservedConnection, release: () => void, turns = 0): Reservation {
    let mine = true
    const giveBack = (): void => {
      if (!mine) return
      mine = false
      release()
      this.#ask()
    }
    const passOn = (): void => {
      const next = mine && turns < MAX_TURNS ? this.#waiting.shift() : undefined
      if (next === undefined) giveBack()
      else {
        mine = false
        next.resolve(this.#reservation(sql, release, turns + 1))
      }
    }
    return { sql, passOn, giveBack }
  }

  /** Resolves once nothing is asked of the driver any more: a statement that it still keeps when it ends opens a connection anew. */
  async idle(): Promise<void> {
    while (this.#asked.size + this.#returning.size > 0) await Promise.all([...this.#asked, ...this.#returning])
  }

  /** Asks the driver for as many connections as are waited for. */
  #ask(): void {
    while (this.#asked.size < Math.min(this.#waiting.length, this.#driver.options.max)) {
      const asked = this.#hold().then(
        (held) => held?.passOn(),
        (error) => this.#waiting.shift()?.reject(error),
      )
      const over = asked.then(() => {
        this.#asked.delete(over)
        this.#ask()
      })
      this.#asked.add(over)
    }
  }

  /** undefined when the driver has sent the empty statement without telling where: its socket was full. */
  #hold(): Promise<Reservation | undefined> {
    return new Promise((resolve, reject) => {
      let held: Reservation | undefined
      const onexecute = (connection: DriverConnection): void => {
        this.#follow(connection)
        held = this.#held(connection, () => resolve(held))
      }
      this.#driver.unsafe('', [], { onexecute }).then(() => {
        if (held === undefined) resolve(undefined)
      }, reject)
    })
  }

  #follow(connection: DriverConnection): void {
    if (this.#seen.has(connection)) return
    this.#seen.add(connection)
    const { idleTimer } = connection
    const { start } = idleTimer
    // It starts when a connection has entered the list, and at no other time.
    idleTimer.start = (...args) => {
      this.#idle = connection.queue
      return start.apply(idleTimer, args)
    }
  }

  /** `ready` is called when what was under way on the connection is answered. */
  #held(connection: DriverConnection, ready: () => void): Reservation {
    const waiting: PendingQuery[] = []
    let [full, started] = [true, false]
    let lost: { readonly error: unknown } | undefined
    connection.queue.remove(connection)
    connection.queue = { length: 0, remove: () => null, push: () => undefined }
    connection.reserved = Object.assign(
      () => {
        if (!started) ready()
        started = true
        const next = waiting.shift()
        full = next !== undefined && !connection.execute(next)
      },
      { release: true },
    )
    connection.onclose = (error) => {
      lost = { error }
      for (const query of waiting.splice(0)) query.reject(error)
    }
    const handler = (query: PendingQuery): void => {
      if (query.cancelled) return
      if (lost !== undefined) query.reject(lost.error)
      else if (full) waiting.push(query)
      else full = !connection.execute(query)
    }
    const release = (): void => {
      if (lost !== undefined) return
      connection.onclose = null
      connection.reserved = null
      // The driver puts a connection back when a statement is answered.
      const last = this.#driver.unsafe('')
      last.handler = (query) => connection.execute(query)
      const back = last.catch(() => undefined)
      this.#returning.add(back)
      back.then(() => this.#returning.delete(back))
    }
    return this.#reservation(this.#sqlOn(handler, release), release)
  }

  /** What the driver's `reserve` returns. */
  #sqlOn(handler: (query: PendingQuery) => void, release: () => void): ReservedConnection {
    const driver = this.#driver
    const on = (result: unknown): unknown => {
      if (!(result instanceof this.#classes.Query)) return result
      result.handler = Object.assign(handler.bind(undefined), { debug: result.handler.debug })
      return result
    }
    const members = {
      ...OF_THE_POOL,
      unsafe: (...args: Parameters<DriverPool['unsafe']>) => on(driver.unsafe(...args)),
      release,
    }
    return withMembers(driver, members, (_, __, args) => on(driver(...args))) as ReservedConnection
  }
}

/** A connection that is reserved has none of these. */
const OF_THE_POOL = {
  begin: undefined,
  reserve: undefined,
  end: undefined,
  close: undefined,
  listen: undefined,
  subscribe: undefined,
  largeObject: undefined,
  options: undefined,
  parameters: undefined,
}
