import type { AppOrder, AppReport, AppSettings } from './app.ts'
import { type ChildProcess, startProcess } from './child-process.ts'
import { type Figures, mergeFigures } from './figures.ts'
import { Ledger } from './ledger.ts'

type Settings = Omit<AppSettings, 'instance' | 'place'>

/** The application processes, which run side by side. */
export class Fleet {
  readonly #settings: Settings
  readonly #apps: ChildProcess<AppOrder, AppReport>[] = []

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Starts one more application process, of a name of its own, and waits until it serves. */
  async start(instance: string): Promise<void> {
    const place = this.#apps.length
    const settings: AppSettings = { ...this.#settings, instance, place }
    const app = startProcess<AppOrder, AppReport>('./app.ts', settings)
    await app.next('ready')
    this.#apps.push(app)
  }

  /** What all processes did since they were last asked. */
  async figures(): Promise<Figures> {
    return this.#ask({ kind: 'figures' })
  }

  /** Lets every process finish its requests and end; returns what they did since they were last asked, and all that they wrote. */
  async stop(): Promise<{ readonly figures: Figures; readonly ledger: Ledger }> {
    const ledger = new Ledger()
    const written = this.#apps.map((app) => app.next('written'))
    const figures = await this.#ask({ kind: 'stop' })
    for (const each of await Promise.all(written)) ledger.include(each.written)
    await Promise.all(this.#apps.splice(0).map((app) => app.ended))
    return { figures, ledger }
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
