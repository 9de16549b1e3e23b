import { writeFileSync } from 'node:fs'
import { SITUATIONS } from './situation.ts'
import type { Outcome, Verdict } from './trial.ts'

const LETTERS: Readonly<Record<Outcome, string>> = { unchanged: 'u', rewritten: 'r', kept: 'k', refused: 'X' }

/** Counts outcomes by statement and situation, so that a statement which is silently refused everywhere is seen. */
export class Tally {
  readonly #byExample = new Map<string, Map<string, Map<Outcome, number>>>()
  #trials = 0

  add({ example, app, situation, outcome }: Verdict): void {
    this.#trials++
    const situations = this.#byExample.get(example.id) ?? new Map<string, Map<Outcome, number>>()
    const key = `${app} ${situation.name}`
    const outcomes = situations.get(key) ?? new Map<Outcome, number>()
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    situations.set(key, outcomes)
    this.#byExample.set(example.id, situations)
  }

  /** One line per group of statements, and the statements that are refused or kept anywhere. */
  summary(): string {
    const groups = new Map<string, Map<Outcome, number>>()
    const refusedSomewhere: string[] = []
    for (const [id, situations] of this.#byExample) {
      const total = new Map<Outcome, number>()
      for (const outcomes of situations.values())
        for (const [outcome, count] of outcomes) total.set(outcome, (total.get(outcome) ?? 0) + count)
      const group = id.slice(0, id.indexOf('/'))
      const sums = groups.get(group) ?? new Map<Outcome, number>()
      for (const [outcome, count] of total) sums.set(outcome, (sums.get(outcome) ?? 0) + count)
      groups.set(group, sums)
      const all = [...total.values()].reduce((sum, count) => sum + count, 0)
      const away = (total.get('refused') ?? 0) + (total.get('kept') ?? 0)
      if (away > 0)
        refusedSomewhere.push(
          `  ${id}: ${total.get('refused') ?? 0} refused, ${total.get('kept') ?? 0} kept, of ${all}`,
        )
    }
    const line = (group: string, sums: ReadonlyMap<Outcome, number>): string =>
      `${group.padEnd(36)}${(['rewritten', 'unchanged', 'kept', 'refused'] as const)
        .map((outcome) => `${sums.get(outcome) ?? 0}`.padStart(10))
        .join('')}`
    return [
      `${this.#trials} trials of ${this.#byExample.size} statements`,
      `${'group'.padEnd(36)} rewritten unchanged      kept   refused`,
      ...[...groups].map(([group, sums]) => line(group, sums)),
      ...(refusedSomewhere.length > 0 ? ['refused or kept somewhere:', ...refusedSomewhere] : []),
    ].join('\n')
  }

  /** The whole table: a row per statement, a column per app side and situation, a letter per outcome over all kinds. */
  table(): string {
    const columns = (['old', 'new'] as const).flatMap((app) => SITUATIONS.map((one) => `${app} ${one.name}`))
    const rows = [...this.#byExample].map(([id, situations]) => {
      const cells = columns.map((column) => {
        const outcomes = situations.get(column)
        return outcomes === undefined ? '-' : [...outcomes.keys()].map((outcome) => LETTERS[outcome]).join('')
      })
      return `| ${id} | ${cells.join(' | ')} |`
    })
    const head = [`| statement | ${columns.join(' | ')} |`, `| --- |${' --- |'.repeat(columns.length)}`]
    return [...head, ...rows].join('\n')
  }

  /** Writes the table where EC_DIFFERENTIAL_REPORT says, one file per name. */
  report(name: string): void {
    const folder = process.env.EC_DIFFERENTIAL_REPORT
    if (folder) writeFileSync(`${folder}/${name}.md`, `${this.table()}\n`)
  }
}
