import { stripVTControlCharacters, styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import type { Io, OutStream } from '../io.ts'
import { lineEveryMs, type OutputMode, outputMode } from './output-mode.ts'
import { redact } from './redact.ts'

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
  readonly block: string
  /** For a log: one line. */
  readonly line: string
}

type Style = 'green' | 'red' | 'yellow' | 'blue' | 'bold' | 'dim'

const STYLES: readonly (readonly [RegExp, Style])[] = [
  [/\[ok\]/gu, 'green'],
  [/\[no\]/gu, 'red'],
  [/\[! \]/gu, 'yellow'],
  [/\[\.\.\]/gu, 'blue'],
  [/\[> \]/gu, 'bold'],
  [/\[ {2}\]/gu, 'dim'],
]

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
  #block: string | undefined

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
    if (this.mode === 'live') this.#live = createLogUpdate(stderr as NodeJS.WriteStream)
  }

  /** What is never printed. */
  hide(...secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets]
  }

  /** Columns that a screen may take. */
  get width(): number {
    return Math.min(this.#io.stdout.columns ?? 100, 100)
  }

  /** A remark on the way: which configuration was read. */
  note(text: string): void {
    if (this.mode !== 'none') this.#toStderr(text)
  }

  /** Printed with --quiet as well. */
  warn(text: string): void {
    this.#toStderr(text)
  }

  progress({ json, block, line }: Progress): void {
    if (this.json) this.#write(this.#io.stdout, `${JSON.stringify(json)}\n`)
    else if (this.#live !== undefined) {
      this.#block = block
      this.#live(this.#styled(this.#io.stderr, this.#clean(block)))
    } else if (this.mode === 'lines') this.#logLine(line)
  }

  #logLine(line: string): void {
    const now = performance.now()
    if (now - this.#lineAt < lineEveryMs(now - this.#started)) return
    this.#lineAt = now
    this.#toStderr(`${new Date().toISOString().slice(0, 19)}Z ${line}`)
  }

  /** The result: with --json one object in one line, else the text. */
  result(json: Readonly<Record<string, unknown>>, text: string): void {
    this.#erase()
    this.#write(this.#io.stdout, this.json ? `${JSON.stringify(json)}\n` : `${text.trimEnd()}\n`)
  }

  /** A text that is the result as it is, such as SQL. */
  raw(text: string): void {
    this.#erase()
    this.#write(this.#io.stdout, text.endsWith('\n') ? text : `${text}\n`)
  }

  #toStderr(text: string): void {
    const block = this.#block
    this.#erase()
    this.#write(this.#io.stderr, `${text}\n`)
    if (block !== undefined) this.#live?.(this.#styled(this.#io.stderr, this.#clean(block)))
  }

  /** Nothing is written over a block that is drawn again, an error least of all. */
  #erase(): void {
    if (this.#block !== undefined) this.#live?.clear()
    this.#block = undefined
  }

  #write(stream: OutStream, text: string): void {
    stream.write(this.#styled(stream, this.#clean(text)))
  }

  #clean(text: string): string {
    return redact(this.json ? stripVTControlCharacters(text) : text, this.#secrets)
  }

  #styled(stream: OutStream, text: string): string {
    if (!this.#paints(stream)) return text
    const paint = (style: Style) => (mark: string) => styleText(style, mark, { validateStream: false })
    return STYLES.reduce((styled, [mark, style]) => styled.replaceAll(mark, paint(style)), text)
  }

  /** As Node decides it, by the environment that the command was given. */
  #paints({ isTTY }: OutStream): boolean {
    const { NO_COLOR, FORCE_COLOR, TERM } = this.#io.env
    if (!this.#color || this.json) return false
    if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
    return isTTY === true && (NO_COLOR ?? '') === '' && TERM !== 'dumb'
  }
}
