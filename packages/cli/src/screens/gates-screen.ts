import type { Gate } from '@expand-contract/runner'

/** Each gate in a line, what opens it in the next. */
export function gatesScreen(gates: readonly Gate[], to: string): string {
  const open = gates.filter(({ ok }) => ok).length
  return [
    `Gates to ${to}, ${open} of ${gates.length} met:`,
    ...gates.flatMap(({ id, ok, detail, remedy }) => [
      `${ok ? '[ok]' : '[no]'} ${id.padEnd(14)}  ${detail}`,
      ...(ok || remedy === undefined ? [] : [`                     > expand-contract ${remedy}`]),
    ]),
  ].join('\n')
}
