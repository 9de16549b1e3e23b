import { stripVTControlCharacters } from 'node:util'
import { createLogUpdate } from 'log-update'
import type { Io, OutStream } from '../io.ts'
import { paint } from '../screens/paint.ts'
import type { Screen, ScreenOptions } from '../screens/screen.ts'
import { lineEveryMs, type OutputMode, outputMode } from './output-mode.ts'
import { redact, redactLine } from './redact.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
  /** `false` of --no-color; else NO_COLOR, FORCE_COLOR and the terminal decide. */
  readonly color: boolean
}

/** One moment of something that takes long. */
export interface Progress {
  /** For programs, on stdout with --json: `{ type: 'progress', ... }`. */
  readonly json: Readonly<Record<string, unknown>> & { readonly type: string }
  /** For a terminal: a block that is drawn again. */
  readonly block: string | Screen
  /** For a log: one line. */
  readonly line: string
}

/**
 * All that a command prints. The result goes to stdout and nothing else does, so that it can be piped; what is told on the way goes to
 * stderr. Passwords are taken out here, and nowhere else.
 */
export class Output {
  readonly mode: OutputMode
  readonly json: boolean
  readonly #io: Io
  readonly #color: boolean
  readonly #live: { (text: string): void; clear(): void } | undefined
  readonly #started = performance.now()
  #secrets: readonly string[] = []
  #lineAt = Number.NEGATIVE_INFINITY
  #jsonAt = Number.NEGATIVE_INFINITY
  #block: string | Screen | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(io: Io, { json, quiet, color }: OutputOptions) {
    this.#io = io
    this.json = json
    this.#color = color
    const { env, stderr } = io
    this.mode = outputMode({
      stderrIsTty: stderr.isTTY === true,
      ci: env.CI !== undefined && env.CI !== '' && env.CI !== 'false',
      dumb: env.TERM === 'dumb',
      ...{ quiet, json },
    })
    if (this.mode === 'live') this.#live = createLogUpdate(stderr as NodeJS.WriteStream, { showCursor: true })
  }

  /** What is never printed. */
  hide(...secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets]
  }

  /** A text as it may be written down. */
  redacted(text: string): string {
    return redactLine(text, this.#secrets)
  }

  /** A remark on the way: which configuration was read. */
  note(text: string | Screen): void {
    if (this.mode !== 'none') this.#toStderr(text)
  }

  /** Printed with --quiet as well. */
  warn(text: string): void {
    this.#toStderr(text)
  }

  progress({ json, block, line }: Progress): void {
    if (this.json) this.#jsonLine(json)
    else if (this.#live !== undefined) {
      this.#block = block
      // Drawn again by itself, since it may tell how long something takes.
      this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref()
      if (performance.now() - this.#drawnAt >= REDRAW_MS) this.#draw()
    } else if (this.mode === 'lines') this.#logLine(line)
  }

  #draw(): void {
    if (this.#block === undefined) return
    this.#drawnAt = performance.now()
    this.#live?.(this.#drawn(this.#io.stderr, this.#block))
  }

  /** What happens once is told at once; how far it is, as often as in a log. */
  #jsonLine(json: Progress['json']): void {
    const now = performance.now()
    if (OFTEN.has(json.type)) {
      if (now - this.#jsonAt < lineEveryMs(now - this.#started)) return
      this.#jsonAt = now
    }
    this.#write(this.#io.stdout, `${JSON.stringify(json)}\n`)
  }

  #logLine(line: string): void {
    const now = performance.now()
    if (now - this.#lineAt < lineEveryMs(now - this.#started)) return
    this.#lineAt = now
    this.#toStderr(`${new Date().toISOString().slice(0, 19)}Z ${line}`)
  }

  /** Ends what is drawn again; called at the end, whatever that is. */
  end(): void {
    this.#erase()
    clearInterval(this.#timer)
  }

  /** The result: with --json one object in one line, else the text. */
  result(json: Readonly<Record<string, unknown>>, text: string | Screen): void {
    this.#erase()
    if (this.json) this.#write(this.#io.stdout, `${JSON.stringify(json)}\n`)
    else this.#write(this.#io.stdout, (options) => `${asText(text, options).trimEnd()}\n`)
  }

  #toStderr(text: string | Screen): void {
    const block = this.#block
    this.#erase()
    this.#write(this.#io.stderr, (options) => `${asText(text, options)}\n`)
    this.#block = block
    this.#draw()
  }

  /** Nothing is written over a block that is drawn again, an error least of all. */
  #erase(): void {
    if (this.#block !== undefined) this.#live?.clear()
    this.#block = undefined
  }

  #write(stream: OutStream, text: string | Screen): void {
    stream.write(this.#drawn(stream, text))
  }

  #drawn(stream: OutStream, text: string | Screen): string {
    const options = this.#optionsOf(stream)
    const clean = redact(asText(text, options), this.#secrets)
    return this.json ? stripVTControlCharacters(clean) : paint(clean, options)
  }

  #optionsOf(stream: OutStream): ScreenOptions {
    const { LC_ALL, LC_CTYPE, LANG } = this.#io.env
    const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '') ?? ''
    return {
      width: Math.min(Math.max(stream.columns ?? WIDEST, NARROWEST), WIDEST),
      color: this.#paints(stream),
      unicode: stream.isTTY === true && !this.json && /utf-?8/iu.test(locale),
    }
  }

  /** As Node decides it, by the environment that the command was given. */
  #paints({ isTTY }: OutStream): boolean {
    const { NO_COLOR, FORCE_COLOR, TERM } = this.#io.env
    if (!this.#color || this.json) return false
    if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
    return isTTY === true && (NO_COLOR ?? '') === '' && TERM !== 'dumb'
  }
}

/** A line is read from its beginning: in a wider terminal a screen is as wide as in one of 100 columns. */
const WIDEST = 100
const NARROWEST = 40
/** Five times a second at most. */
const REDRAW_MS = 200

/** Types of JSON lines that come with every batch. */
const OFTEN: ReadonlySet<string> = new Set(['progress', 'wait'])

const asText = (text: string | Screen, options: ScreenOptions): string =>
  typeof text === 'string' ? text : text(options)
