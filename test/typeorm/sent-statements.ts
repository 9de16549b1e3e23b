import type { Logger } from 'typeorm'

/** What TypeORM sends, before the driver has it: it is to be the same in every phase. */
export class SentStatements implements Logger {
  #texts: unknown[] = []

  /** What was sent since it was asked last. */
  take(): readonly unknown[] {
    const texts = this.#texts
    this.#texts = []
    return texts
  }

  logQuery(query: string, parameters?: unknown[]): void {
    this.#texts.push(parameters === undefined ? query : [query, ...parameters])
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
