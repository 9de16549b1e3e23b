const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** `6 ms`, `38.4 s`, `7 min 31 s`, `2 h 11 min`, `3 d 4 h`: two units at most. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const first = UNITS.findIndex(([, unit]) => ms >= unit)
  const [name, unit] = UNITS[first] ?? ['s', 1_000]
  const [nextName, nextUnit] = UNITS[first + 1] ?? ['s', 1_000]
  const rounded = Math.round(ms / nextUnit) * nextUnit
  const larger = UNITS[first - 1]?.[1] ?? Number.POSITIVE_INFINITY
  if (rounded >= larger) return durationText(rounded)
  const [count, rest] = [Math.floor(rounded / unit), (rounded % unit) / nextUnit]
  return rest === 0 ? `${count} ${name}` : `${count} ${name} ${rest} ${nextName}`
}

const PARSED: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `200ms`, `5s`, `15m`, `2h`, `7d`; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/u.exec(text.trim()) ?? []
  const factor = PARSED[unit ?? '']
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}

const SIZES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 }

/** Bytes per second of `50MB/s`; undefined for what is none. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kKMG]?B)\/s$/u.exec(text.trim()) ?? []
  const factor = SIZES[unit ?? '']
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}

/** `41,203,118`. */
export const countText = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `9.8 GB`. */
export function bytesText(bytes: number): string {
  const [name, size] = Object.entries(SIZES).findLast(([, each]) => bytes >= each) ?? ['B', 1]
  const value = bytes / size
  return `${value < 10 && size > 1 ? value.toFixed(1) : Math.round(value)} ${name}`
}

/** `2026-11-26 14:02 UTC`. */
export const timeText = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** How long ago, in one unit: `4 d`, `5 h`, `now`. */
export function agoText(then: Date, now: Date): string {
  const ms = now.getTime() - then.getTime()
  return ms < 1_000 ? 'now' : durationText(ms).split(' ').slice(0, 2).join(' ')
}

/** `4 d ago`, `now`. */
export function pastText(then: Date, now: Date): string {
  const ago = agoText(then, now)
  return ago === 'now' ? ago : `${ago} ago`
}
