/** The columns of a record that are times; PostgreSQL writes them into JSON as ISO 8601, whatever the session's DateStyle is. */
const TIMES = new Set([
  'at',
  'until',
  'acquiredAt',
  'createdAt',
  'changedAt',
  'startedAt',
  'endedAt',
  'finishedAt',
  'heartbeatAt',
  'leftAt',
  'beganAt',
  'firstAt',
  'lastAt',
  'firstSeen',
  'lastSeen',
  'leaseUntil',
  'lookedAt',
  'restoredAt',
  'since',
  'takenAt',
])

/** A row with its times as dates; what is null in the database is undefined. What is inside of a column stays as it is. */
function withDates<Row>(row: object): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value === null ? undefined : TIMES.has(name) ? new Date(value) : value,
  ])
  return Object.freeze(Object.fromEntries(entries)) as Row
}

export const rowsWithDates = <Row>(rows: readonly object[] | null): readonly Row[] =>
  (rows ?? []).map((row) => withDates<Row>(row))
