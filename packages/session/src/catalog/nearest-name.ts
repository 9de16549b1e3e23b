/** How many letters a name may differ in, by its length. */
const allowed = (name: string): number => Math.min(2, Math.floor(name.length / 3))

/** The name that is spelt most like another one, where it may be what was meant; a suggestion, as PostgreSQL makes them. */
export function nearestName(name: string, others: readonly string[]): string | undefined {
  const found = others
    .map((other) => ({ other, distance: distance(name, other) }))
    .filter((each) => each.distance > 0 && each.distance <= allowed(name))
    .sort((one, other) => one.distance - other.distance)
  return found[0]?.other
}

/** Letters to insert, to leave out, to replace, or to swap with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, at) => at)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let i = 1; i <= one.length; i++) {
    rows.push([i])
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1]
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const steps = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + Number(!same)]
      if (swapped) steps.push(at(i - 2, j - 2) + 1)
      rows[i]?.push(Math.min(...steps))
    }
  }
  return at(one.length, other.length)
}

/** ` Did you mean "name"?`, or nothing. */
export function meantInstead(missing: readonly string[], there: readonly string[]): string {
  const near = missing.flatMap((name) => nearestName(name, there) ?? [])
  return near.length === 0 ? '' : ` Did you mean ${near.map((name) => JSON.stringify(name)).join(', ')}?`
}
