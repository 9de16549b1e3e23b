import type { CheckRule } from './check-rules.ts'

/** Where something stands in a file of the change, in UTF-16 units of its text. */
export interface Place {
  readonly file: string
  readonly text: string
  readonly start: number
  readonly end: number
  /** The statement around it. @defaultValue the place itself */
  readonly statement?: { readonly start: number; readonly end: number } | undefined
}

export interface Finding {
  readonly rule: CheckRule
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly place: Place
  /** What is known of the migration, and from where. */
  readonly note?: string | undefined
  readonly help: string
}

/** Line and column of an offset, from 1 on. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 }
}
