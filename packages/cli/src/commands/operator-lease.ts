import { acquireLease, type Control, type LeaseRecord, releaseLease, renewLease } from '@expand-contract/control'
import { cliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { timeText } from '../output/duration.ts'
import { VERSION } from '../version.ts'

/** How often the lease is renewed, in milliseconds: three times before it ends. */
const RENEW_MS = 10_000

/**
 * Keeps other operators from changing the same migration meanwhile. The connection must not be the one that works: a lease that waits
 * behind a lock is lost.
 * @throws EC_OPERATOR with who has it
 */
export async function withLease<T>(
  { who, io, command }: CommandContext,
  control: Control,
  { migration, work }: { readonly migration: string; readonly work: (token: string) => Promise<T> },
): Promise<T> {
  const { host, pid } = io
  const found = await acquireLease(control, { migration, operation: command, who, host, pid, version: VERSION })
  if (found.token === undefined) {
    const { heldBy } = found
    throw cliError('EC_OPERATOR', {
      message: `${heldBy.who} runs "${heldBy.operation} ${migration}" since ${timeText(heldBy.acquiredAt)}${whereText(heldBy)}.`,
      hint: `Nothing was changed. Wait for it; if that process is gone, its lease ends at ${timeText(heldBy.until)}.`,
      migration,
    })
  }
  const { token } = found
  const timer = setInterval(() => {
    renewLease(control, { migration, token }).catch(() => undefined)
  }, RENEW_MS)
  try {
    return await work(token)
  } finally {
    clearInterval(timer)
    await releaseLease(control, { migration, token }).catch(() => false)
  }
}

/** ` (pid 90211, version 0.4.0)`, and the host where `who` does not name it; what was not told is left out. */
function whereText({ who, host, pid, version }: LeaseRecord): string {
  const facts = [
    host && !who.endsWith(`@${host}`) && `host ${host}`,
    pid && `pid ${pid}`,
    version && `version ${version}`,
  ].filter(Boolean)
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}
