import type { AppOrder, AppReport, AppSettings } from './app.ts'
import { type ChildProcess, startProcess } from './child-process.ts'
import { type Figures, mergeFigures } from './figures.ts'

/** The application processes, which run side by side. */
export class Fleet {
  readonly #settings: AppSettings
  readonly #apps: ChildProcess<AppOrder, AppReport>[] = []

  constructor(settings: AppSettings) {
    this.#settings = settings
  }

  /** Starts one more application process and waits until it serves. */
  async start(): Promise<void> {
    const app = startProcess<AppOrder, AppReport>('./app.ts', this.#settings)
    await app.next('ready')
    this.#apps.push(app)
  }

  /** From now on the flags decide, in every process: what a deploy with the phase `switch` does. */
  async openReadSwitch(): Promise<void> {
    await Promise.all(
      this.#apps.map((app) => {
        const opened = app.next('opened')
        app.send({ kind: 'open the read switch' })
        return opened
      }),
    )
  }

  /** What all processes did since they were last asked. */
  async figures(): Promise<Figures> {
    return this.#ask({ kind: 'figures' })
  }

  /** Lets every process finish its requests and end; returns what they did since they were last asked. */
  async stop(): Promise<Figures> {
    const last = await this.#ask({ kind: 'stop' })
    await Promise.all(this.#apps.splice(0).map((app) => app.ended))
    return last
  }

  async #ask(order: AppOrder): Promise<Figures> {
    const answers = this.#apps.map((app) => {
      const answer = app.next('figures')
      app.send(order)
      return answer
    })
    return mergeFigures((await Promise.all(answers)).map((answer) => answer.figures))
  }
}
