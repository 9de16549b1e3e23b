const NAME = /"(?<quoted>(?:[^"]|"")+)"|(?<bare>[\p{L}_][\p{L}\p{N}_$]*)/gu

/** True when a SQL text names one of the columns. A string that reads like a name counts, too: in doubt it does. */
export function mentionsAny(sql: string | undefined, columns: ReadonlySet<string>): boolean {
  for (const { groups } of (sql ?? '').matchAll(NAME)) {
    const name = groups?.quoted?.replaceAll('""', '"') ?? groups?.bare?.toLowerCase() ?? ''
    if (columns.has(name)) return true
  }
  return false
}
