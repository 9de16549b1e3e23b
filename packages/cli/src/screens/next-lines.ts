import type { NextStep } from '../command.ts'
import { padded } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

/** What to do next, one command a line; why stands beside it where there is room, else under it. */
export function nextLines(next: readonly NextStep[], { width }: ScreenOptions): readonly string[] {
  if (next.length === 0) return []
  const wide = Math.max(...next.map(({ command }) => command.length)) + 2
  return [
    '',
    ...next.flatMap(({ command, why }, at) => {
      const line = `${at === 0 ? 'Next:' : '     '}  ${command}`
      if (why === undefined) return [line]
      const beside = `${padded(line, 7 + wide)}${why}`
      return beside.length <= width ? [beside] : [line, `         ${why}`]
    }),
  ]
}
