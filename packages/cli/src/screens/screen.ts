/** What a screen must fit: the stream that it goes to. */
export interface ScreenOptions {
  /** Columns; nothing is wider. */
  readonly width: number
  readonly color: boolean
  /** Marks may be drawn as one character; never in what is piped. */
  readonly unicode: boolean
}

/** A text that is made once the stream is known. */
export type Screen = (options: ScreenOptions) => string
