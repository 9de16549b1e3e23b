import { styleText } from 'node:util'

/** What one command prints. */
export interface CommandScreen {
  line(text: string): void
  ended(exitCode: number | null): void
}

/** The screens of commands. Where two of them run side by side, the second is shown when the first has ended. */
export class CommandScreens {
  /** What is still to be shown of each that has not ended, or waits; the first one is shown as it comes. */
  readonly #waiting: { readonly lines: string[]; ended: boolean }[] = []
  /** Which configuration was read says every command, and it is always the same. */
  #config: string | undefined

  begin(line: string): CommandScreen {
    const own = { lines: [`\n      ${styleText('bold', `$ ${line}`)}`], ended: false }
    this.#waiting.push(own)
    this.#show()
    return {
      line: (text) => {
        if (text === this.#config) return
        if (text.startsWith('config ')) this.#config = text
        own.lines.push(`      | ${text}`.trimEnd())
        this.#show()
      },
      ended: (exitCode) => {
        own.lines.push(exitCode === 0 ? '' : `      exit code ${exitCode}\n`)
        own.ended = true
        this.#show()
      },
    }
  }

  #show(): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      for (const line of first.lines.splice(0)) console.log(line)
      if (!first.ended) return
      this.#waiting.shift()
    }
  }
}
