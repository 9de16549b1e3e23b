import type { AppOrder, AppReport, AppSettings } from './app.ts'
import { type ChildProcess, startProcess } from './child-process.ts'
import { type Figures, mergeFigures } from './figures.ts'

/** The application processes, which run side by side. */
export class Fleet {
  readonly #settings: Omit<AppSettings, 'instance'>
  readonly #apps: ChildProcess<AppOrder, AppReport>[] = []

  constructor(settings: Omit<AppSettings, 'instance'>) {
    this.#settings = settings
  }

  /** Starts one more application process, of a name of its own, and waits until it serves. */
  async start(instance: string): Promise<void> {
    const app = startProcess<AppOrder, AppReport>('./app.ts', { ...this.#settings, instance } satisfies AppSettings)
    await app.next('ready')
    this.#apps.push(app)
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
