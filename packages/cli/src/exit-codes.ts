/** What a command ends with: the same for every command, and part of what scripts rely on. */
export const EXIT_CODES = {
  done: { code: 0, what: 'done, or nothing to do, or the condition holds' },
  unexpected: { code: 1, what: 'unexpected: a fault of this program, or PostgreSQL said no' },
  notStarted: { code: 2, what: 'not started: an unknown flag, a wrong configuration, an unknown id, no connection' },
  refused: { code: 3, what: 'refused by a gate; nothing was changed' },
  found: {
    code: 4,
    what: 'ran to its end and found something: rows that differ, hazards, work to do with --exit-code',
  },
  notConfirmed: { code: 5, what: 'not confirmed: declined, or --yes or --confirm is missing without a terminal' },
  gaveUp: { code: 6, what: 'gave up waiting for a lock, an acknowledgement or another operator; safe to run again' },
  interrupted: { code: 130, what: 'stopped by SIGINT between two steps; run it again to go on' },
  terminated: { code: 143, what: 'stopped by SIGTERM between two steps; run it again to go on' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly what: string }>>

export type Ending = keyof typeof EXIT_CODES
