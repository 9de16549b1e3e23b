import type { PGlite } from '@electric-sql/pglite'
import { type LiveNamespace, live } from '@electric-sql/pglite/live'

/**
 * Live queries of our own, since those of the extension run on the instance that was handed over. They make a view of the
 * application's text, which is therefore planned before; it stays what it was until the query is begun again.
 */
export function plannedLive(db: PGlite, plan: (text: string) => Promise<string>): LiveNamespace {
  const namespace = live.setup(db, {}).then(({ namespaceObj }) => namespaceObj)
  const planned =
    (name: keyof LiveNamespace) =>
    async (query: string | { readonly query: string }, ...rest: readonly unknown[]): Promise<unknown> => {
      const begin = (await namespace)[name] as (...args: readonly unknown[]) => Promise<unknown>
      const first = typeof query === 'string' ? await plan(query) : { ...query, query: await plan(query.query) }
      return begin(first, ...rest)
    }
  const own = { query: planned('query'), changes: planned('changes'), incrementalQuery: planned('incrementalQuery') }
  return own as unknown as LiveNamespace
}
