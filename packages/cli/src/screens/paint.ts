import { styleText } from 'node:util'
import type { ScreenOptions } from './screen.ts'

type Style = 'green' | 'red' | 'yellow' | 'blue' | 'bold' | 'dim'

/** A mark, its colour, and the same in one character; the columns stay where they are. */
const MARKS: readonly (readonly [mark: RegExp, style: Style, drawn: string])[] = [
  [/\[ok\]/gu, 'green', ' \u2714  '],
  [/\[no\]/gu, 'red', ' \u2718  '],
  [/\[! \]/gu, 'yellow', ' !  '],
  [/\[\.\.\]/gu, 'blue', ' \u22EF  '],
  [/\[> \]/gu, 'bold', ' \u25B8  '],
  [/\[ {2}\]/gu, 'dim', ' \u2219  '],
]

/** Marks in their colours. A mark stands beside a word that says the same, so nothing is lost without them. */
export function paint(text: string, { color, unicode }: Pick<ScreenOptions, 'color' | 'unicode'>): string {
  return MARKS.reduce((painted, [mark, style, drawn]) => {
    const show = (found: string): string => {
      const shown = unicode ? drawn : found
      return color ? styleText(style, shown, { validateStream: false }) : shown
    }
    return painted.replaceAll(mark, show)
  }, text)
}
