import type { CatalogEvent, Observer, StatementEvent, WarningEvent } from './observer.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A logger that takes the message first: `console`, winston, Nest's Logger by way of a small object. */
export type ConsoleLike = Readonly<Record<LogLevel, (message: string, facts: object) => void>>

/** A logger that takes the facts first: pino, Fastify's `log`, bunyan. */
export type LoggerLike = Readonly<Record<LogLevel, (facts: object, message: string) => void>> & {
  isLevelEnabled?(level: LogLevel): boolean
}

export interface LogOptions {
  /**
   * Outcomes of statements that are logged, each statement once, since most come again and again. `rewritten` and
   * `unchanged` cost about 10 us for each new text, and are logged at `debug`. @defaultValue ['kept', 'refused']
   */
  readonly outcomes?: readonly StatementEvent['outcome'][]
}

/**
 * An observer that tells a console-like logger: refused statements at `error`, warnings at `warn`, kept statements and
 * changes of columns at `info`. Values are never part of it, nor is the context of a request.
 *
 * ```ts
 * const runtime = await createRuntime({ migrations, observer: consoleObserver(console) })
 * ```
 * To listen as well, spread it: `{ ...consoleObserver(console), onDecision }`.
 */
export function consoleObserver(console: ConsoleLike, options: LogOptions = {}): Observer {
  return logObserver({ log: (level, message, facts) => console[level](message, facts), isEnabled: () => true }, options)
}

/** The same for a logger that takes the facts first, as pino does; a level that it has switched off costs nothing. */
export function loggerObserver(logger: LoggerLike, options: LogOptions = {}): Observer {
  const isEnabled = (level: LogLevel): boolean => logger.isLevelEnabled?.(level) ?? true
  return logObserver({ log: (level, message, facts) => logger[level](facts, message), isEnabled }, options)
}

interface Log {
  log(level: LogLevel, message: string, facts: object): void
  isEnabled(level: LogLevel): boolean
}

const LEVELS: Readonly<Record<StatementEvent['outcome'], LogLevel>> = {
  refused: 'error',
  kept: 'info',
  rewritten: 'debug',
  unchanged: 'debug',
}

const CATALOG_LEVELS: Readonly<Record<CatalogEvent['physical'], LogLevel>> = {
  old: 'info',
  both: 'info',
  new: 'info',
  incomplete: 'warn',
  'missing-table': 'warn',
}

/** Statements beyond these are forgotten, and logged again when they come again. */
const MAX_SEEN = 1_000

function logObserver({ log, isEnabled }: Log, { outcomes = ['kept', 'refused'] }: LogOptions): Observer {
  const seen = new Set<string>()
  return {
    onStatement(event) {
      const { outcome, command, reasons } = event
      const level = LEVELS[outcome]
      if (!outcomes.includes(outcome) || !isEnabled(level)) return
      const { fingerprint, text, tables, reads } = event
      const codes = reasons.map(({ migration, code }) => `${migration}: ${code}`)
      const key = JSON.stringify([outcome, fingerprint ?? text ?? command, reads, codes])
      if (seen.has(key)) return
      if (seen.size >= MAX_SEEN) seen.clear()
      seen.add(key)
      const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`
      const facts = { outcome, command, tables, fingerprint, statement: text, reads, reasons }
      log(level, `expand-contract: ${command} on ${tables.join(', ')} was ${WORDS[outcome]}${why}`, facts)
    },
    onCatalog({ migration, physical }) {
      const level = CATALOG_LEVELS[physical]
      if (isEnabled(level)) log(level, `expand-contract: ${migration}: ${COLUMNS[physical]}`, { migration, physical })
    },
    onWarning(warning) {
      const { code, message, migration } = warning
      if (!isEnabled('warn')) return
      log('warn', `expand-contract: ${message} (${code})`, { code, migration, cause: causeOf(warning) })
    },
  }
}

const WORDS: Readonly<Record<StatementEvent['outcome'], string>> = {
  refused: 'refused',
  kept: 'kept as it is',
  rewritten: 'rewritten',
  unchanged: 'sent as it is',
}

const COLUMNS: Readonly<Record<CatalogEvent['physical'], string>> = {
  old: 'the old columns are there alone',
  both: 'the old and the new columns are there',
  new: 'the new columns are there alone',
  incomplete: 'neither the old nor the new columns are all there',
  'missing-table': 'the table is not there',
}

/** Messages of a database may quote values. */
function causeOf({ cause }: WarningEvent): { readonly name: string; readonly code: unknown } | undefined {
  if (!(cause instanceof Error)) return undefined
  return { name: cause.name, code: 'code' in cause ? cause.code : undefined }
}
