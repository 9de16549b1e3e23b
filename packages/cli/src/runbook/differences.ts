/** Lines that are gone, and lines that are new: what a person needs to see that a runbook is stale. */
export function differences(before: string, after: string, most = 20): readonly string[] {
  const [old, now] = [linesOf(before), linesOf(after)]
  const [gone, added] = [without(old, now), without(now, old)]
  const lines = [...gone.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)]
  return lines.length > most ? [...lines.slice(0, most), `... and ${lines.length - most} more`] : lines
}

const linesOf = (text: string): readonly string[] => text.replaceAll('\r\n', '\n').split('\n')

/** One that is there twice is missing once where the other has it once. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0 && line.trim() !== ''
  })
}
