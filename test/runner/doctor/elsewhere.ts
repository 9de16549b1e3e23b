/** Hazards whose fixture needs a server, or a way to it, of its own, and where that is. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  D01: 'server.test.ts: no such server is at hand, so facts of one',
  D02: 'server.test.ts: a standby',
  D04: 'server.test.ts: PgBouncer',
  D08: 'server.test.ts: slots are those of a server',
  D09: 'server.test.ts: a standby that does not replay',
  D12: 'server.test.ts: max_prepared_transactions',
  D50: 'server.test.ts: a subscription',
}
