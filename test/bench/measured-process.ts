import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Which variant of which scenario a process is for, as JSON in its first argument. */
export interface Work {
  readonly url: string
  readonly scenario: number
  readonly variant: number
  /** The folder of another checkout, whose packages are measured. @defaultValue those of this one */
  readonly before?: string
}

/** What the process of a variant is asked for. */
export type Ask =
  | { readonly kind: 'execute'; readonly text: string }
  | ({ readonly kind: 'run'; readonly measured: boolean } & Turns)
  | { readonly kind: 'close' }

interface Turns {
  readonly first: number
  readonly turns: number
}

/** Of a block of turns: microseconds of each until the answer, and those on a processor per turn. */
export interface Block {
  readonly us: Float64Array
  readonly cpuUs: number
}

/** What it answers: what was measured, or nothing; or that it has failed, after which it ends. */
export type Answer = Block | undefined

interface Failure {
  readonly message: string
  readonly stack: string | undefined
}

/** A process that runs one variant of one scenario. */
export class VariantProcess {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static async start(work: Work): Promise<VariantProcess> {
    const script = fileURLToPath(new URL('variant-process.ts', import.meta.url))
    const started = new VariantProcess(fork(script, [JSON.stringify(work)], { serialization: 'advanced' }))
    await started.#answer()
    return started
  }

  ask(what: Ask): Promise<Answer> {
    const answer = this.#answer()
    this.#process.send(what)
    return answer
  }

  /** One that has been stopped is not there any more. */
  kill(): void {
    this.#process.kill()
  }

  async stop(): Promise<void> {
    await this.ask({ kind: 'close' })
    const gone = once(this.#process, 'exit')
    this.#process.disconnect()
    await gone
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#process.off('message', answered)
        this.#process.off('exit', failed)
      }
      const answered = (message: unknown): void => {
        settled()
        const { failed: failure, answer } = message as { readonly answer: Answer; readonly failed?: Failure }
        if (failure === undefined) resolve(answer)
        else reject(Object.assign(new Error(failure.message), { stack: failure.stack }))
      }
      const failed = (code: number | null): void => {
        settled()
        reject(new Error(`the process of a variant has ended with ${code}; what it said is above`))
      }
      this.#process.on('message', answered)
      this.#process.on('exit', failed)
    })
  }
}
