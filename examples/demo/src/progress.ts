import { styleText } from 'node:util'
import { type CommandScreen, CommandScreens } from './command-screens.ts'
import { type Figures, shareOfNew } from './figures.ts'

/** What the demo says while it runs: plain lines, so that a log of it reads the same as a terminal. */
export class Progress {
  #stages = 0
  readonly #screens = new CommandScreens()

  step(text: string): void {
    console.log(text)
  }

  part(title: string): void {
    console.log(`\n${styleText('bold', `=== ${title} ===`)}`)
  }

  stage(name: string, what: string): void {
    this.#stages++
    console.log(`\n${styleText('bold', `${this.#stages}. ${name}`)}: ${what}`)
  }

  command(line: string): CommandScreen {
    return this.#screens.begin(line)
  }

  note(text: string): void {
    console.log(`      ${text}`)
  }

  second(elapsed: number, figures: Figures): void {
    const failed = figures.failures.length
    const failures = `${failed} failed`
    console.log(
      [
        `${elapsed.toFixed(0).padStart(4)} s`,
        `${String(figures.latenciesMs.length).padStart(6)} statements`,
        failed === 0 ? failures : styleText('red', `${failures}: ${figures.failures[0]}`),
        `${(100 * shareOfNew(figures)).toFixed(0).padStart(3)} % of reads from the new columns`,
      ].join('   '),
    )
  }
}
