const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** `6 d 4 h`, rounded down: what is not over is not shown as over. */
export function spanText(ms: number): string {
  const first = UNITS.findIndex(([, unit]) => ms >= unit)
  if (first === -1) return `${Math.floor(ms)} ms`
  const [name, unit] = UNITS[first] ?? ['s', 1_000]
  const [nextName, nextUnit] = UNITS[first + 1] ?? ['s', 0]
  const rest = nextUnit === 0 ? 0 : Math.floor((ms % unit) / nextUnit)
  return `${Math.floor(ms / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${nextName}`}`
}

/** `2 h 11 min ago`. */
export const pastText = (at: Date, now: Date): string => `${spanText(Math.max(0, now.getTime() - at.getTime()))} ago`

/** `2026-11-27 12:00`, in UTC. */
export const minuteText = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ')

/** `41,203,118`. */
export const countText = (count: number): string => Math.round(count).toLocaleString('en-US')
