import type { Gate } from '../command.ts'
import { hanging, padded } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface GatesView {
  readonly gates: readonly Gate[]
  /** The step that they are of. */
  readonly to: string
}

const INDENT = ' '.repeat(21)

/** Each gate in a line, what opens it in the next. */
export function gatesScreen({ gates, to }: GatesView, options: ScreenOptions): string {
  const met = gates.filter(({ ok }) => ok).length
  const wide = gateWidth(gates)
  return [
    `Gates to ${to}, ${met} of ${gates.length} met:`,
    ...gates.flatMap((gate) => gateLines(gate, wide, options)),
  ].join('\n')
}

/** What a step still waits for: the gates that are missing whole, the others by name. */
export function blocksScreen({ gates, to }: GatesView, options: ScreenOptions): string {
  const missing = gates.filter(({ ok }) => !ok)
  const met = gates.filter(({ ok }) => ok).map(({ id }) => id)
  if (missing.length === 0) return hanging(`[ok] nothing blocks ${to}: `, met.join(', '), options.width)
  const wide = gateWidth(missing)
  return [
    `Blocks ${to}, ${missing.length} of ${gates.length} missing:`,
    ...missing.flatMap((gate) => gateLines(gate, wide, options)),
    ...(met.length === 0 ? [] : [hanging('[ok] ', met.join(', '), options.width)]),
  ].join('\n')
}

const gateWidth = (gates: readonly Gate[]): number => Math.max(14, ...gates.map(({ id }) => id.length))

function gateLines(
  { id, ok, detail, more = [], remedy }: Gate,
  wide: number,
  { width }: ScreenOptions,
): readonly string[] {
  const why = remedy?.why === undefined ? '' : `    ${remedy.why}`
  return [
    hanging(`${ok ? '[ok]' : '[no]'} ${padded(id, wide)}  `, detail, width),
    ...(ok ? [] : more.map((line) => hanging(`${INDENT}  `, line, width))),
    ...(ok || remedy === undefined ? [] : [remedyLine(`> ${remedy.command}${why}`, width)]),
  ]
}

/** A command is never broken: where it is long, it begins further left. */
const remedyLine = (line: string, width: number): string =>
  `${' '.repeat(Math.max(5, Math.min(INDENT.length, width - line.length)))}${line}`
