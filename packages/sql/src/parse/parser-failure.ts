/** The parser or the rewriter has failed on a text of which nobody says that it is wrong. Never leaves this package. */
export class ParserFailure extends Error {
  readonly code: 'too-deep' | 'parser-failed'

  constructor(code: ParserFailure['code'], cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}

/**
 * V8 tells by its text alone that the stack is used up; what this package throws by itself is a RangeError, too. The
 * parser runs on the same stack, and so do patterns, which call it a SyntaxError.
 */
export const isStackOverflow = (error: unknown): boolean =>
  (error instanceof RangeError && error.message === 'Maximum call stack size exceeded') ||
  (error instanceof SyntaxError && error.message.endsWith('Stack overflow'))
