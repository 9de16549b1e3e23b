import pg from 'pg'

/** Called at each step of a client that another process can see: ahead of it, and when it is done. */
export type OnStep = (at: { readonly when: 'before' | 'after'; readonly text: string }) => Promise<void> | void

const WRITES = /\b(?:insert|update|delete|create|alter|drop|vacuum|analyze|comment|grant|revoke)\b/iu

interface Transaction {
  writes: boolean
}

/** Watches every client of this process: the COMMIT of a transaction that has written, and each write outside of one. Returns what ends it. */
export function watchPersistedSteps(onStep: OnStep): () => void {
  const open = new WeakMap<pg.Client, Transaction>()
  const isPersisted = (client: pg.Client, text: string): boolean => {
    const transaction = open.get(client)
    if (/^\s*commit\s*;?\s*$/iu.test(text)) {
      open.delete(client)
      return transaction?.writes === true
    }
    if (/^\s*rollback\s*;?\s*$/iu.test(text)) open.delete(client)
    else if (/^\s*(?:begin|start)\b/iu.test(text)) open.set(client, { writes: false })
    else if (transaction !== undefined) transaction.writes ||= WRITES.test(text)
    else return WRITES.test(text)
    return false
  }
  const { query } = pg.Client.prototype
  async function persisted(client: pg.Client, text: string, values?: unknown[]): Promise<unknown> {
    await onStep({ when: 'before', text })
    const answer: unknown = await Reflect.apply(query, client, [text, values])
    await onStep({ when: 'after', text })
    return answer
  }
  /** A COPY is a stream, and no promise of one. */
  function watched(this: pg.Client, text: unknown, values?: unknown[]): unknown {
    if (typeof text !== 'string' || !isPersisted(this, text)) return Reflect.apply(query, this, [text, values])
    return persisted(this, text, values)
  }
  Object.assign(pg.Client.prototype, { query: watched })
  return () => void Object.assign(pg.Client.prototype, { query })
}
