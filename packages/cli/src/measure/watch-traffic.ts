import { type Control, type LatencyRecord, readLatencies } from '@expand-contract/control'
import { type Traffic, trafficOf } from './traffic.ts'

/** Processes report some seconds late; a figure is of about the last minute. */
const LOOK_MS = 10_000
const LOOKS = 6

/** Looks now and then at what the processes of the fleet have counted. Whatever fails here is nothing to stop for. */
export class TrafficWatch implements AsyncDisposable {
  readonly #control: Control
  readonly #id: string
  readonly #first: readonly LatencyRecord[]
  readonly #resumed: boolean
  readonly #looks: (readonly LatencyRecord[])[]
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined
  #traffic: Traffic | undefined
  #most: number | undefined

  private constructor(control: Control, begun: { id: string; first: readonly LatencyRecord[]; resumed: boolean }) {
    this.#control = control
    this.#id = begun.id
    this.#first = begun.first
    this.#resumed = begun.resumed
    this.#looks = [begun.first]
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
  }

  /** @returns undefined where the role may not read them */
  static async begin(
    connect: () => Promise<Control>,
    { id, resumed }: { readonly id: string; readonly resumed: boolean },
  ): Promise<TrafficWatch | undefined> {
    try {
      const control = await connect()
      return new TrafficWatch(control, { id, resumed, first: await readLatencies(control, { migration: id }) })
    } catch {
      return undefined
    }
  }

  /** Of the last minute or so; undefined while it is not known. */
  get traffic(): Traffic | undefined {
    return this.#traffic
  }

  /** The dearest of them, against before. */
  get most(): number | undefined {
    return this.#most
  }

  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async #look(): Promise<void> {
    const now = await readLatencies(this.#control, { migration: this.#id }).catch(() => undefined)
    const since = this.#looks.at(-LOOKS) ?? this.#looks[0]
    if (now === undefined || since === undefined) return
    this.#looks.push(now)
    if (this.#looks.length > LOOKS) this.#looks.shift()
    this.#traffic = trafficOf({ first: this.#first, since, now, resumed: this.#resumed }) ?? this.#traffic
    if (this.#traffic !== undefined) this.#most = Math.max(this.#most ?? 0, this.#traffic.ratio)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}
