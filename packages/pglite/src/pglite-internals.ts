import type { PGlite } from '@electric-sql/pglite'
import type { LiveNamespace } from '@electric-sql/pglite/live'
import { ExpandContractError } from '@expand-contract/core'
import type { PGliteErrorCode } from './error-catalogue.ts'

/** What there is of an instance of PGlite, whichever copy of its class made it: the one for CommonJS is another class. */
export type PGliteLike = Pick<
  PGlite,
  'query' | 'exec' | 'transaction' | 'describeQuery' | 'isInTransaction' | 'execProtocolRawSync' | 'clone'
>

const NEEDED = ['query', 'exec', 'transaction', 'describeQuery', 'isInTransaction', 'clone'] as const

/**
 * The driver itself. All that is used of it is public, but for what an extension puts on an instance.
 * @throws EC_PGLITE
 */
export function checkDriver(db: PGliteLike): PGlite {
  const there =
    typeof db === 'object' && db !== null && NEEDED.every((name) => typeof Reflect.get(db, name) === 'function')
  if (!there) throw notPGlite()
  return db as unknown as PGlite
}

export function notPGlite(): ExpandContractError {
  const code: PGliteErrorCode = 'EC_PGLITE'
  return new ExpandContractError(code, {
    message: 'What was handed to instrumentedPGlite is not an instance of PGlite, or one that is instrumented already.',
    hint: 'Hand over what `new PGlite(...)` or `await PGlite.create(...)` returns. A PGliteWorker is not supported.',
  })
}

/** What the extension `live` has put on an instance, under whatever name. */
export const isLiveNamespace = (value: unknown): value is LiveNamespace =>
  typeof value === 'object' &&
  value !== null &&
  ['query', 'changes', 'incrementalQuery'].every((name) => typeof Reflect.get(value, name) === 'function')
