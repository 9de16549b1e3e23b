import type pg from 'pg'
import { answerFromMemory, emptyCaches } from './client-time.ts'
import type { Opened, Scenario, Target, Variant } from './scenario.ts'
import { connectSubject } from './subjects.ts'

interface Sent {
  readonly name: string
  readonly kind: 'bare' | 'through'
  readonly query: pg.QueryConfig
}

interface InTheClient extends Pick<Scenario, 'group' | 'name'> {
  readonly sent: readonly [Sent, Sent]
  readonly reads: 'old' | 'new'
  readonly target?: Target | undefined
  /** Of an application that has done so much in between that nothing of the client is left in the processor's caches. */
  readonly cold?: boolean
  readonly inTransaction?: boolean
}

/** One query, again and again, with the client's own time instead of the time until the answer. */
export function inTheClient({ group, name, target, ...how }: InTheClient): Scenario {
  return {
    group,
    name: `${name}: time in the client${how.cold ? ', caches empty' : ''}`,
    ...(target && { target }),
    variants: how.sent.map((sent) => answered(sent, how)),
  }
}

const answered = (
  { name, kind, query }: Sent,
  { reads, cold, inTransaction }: Pick<InTheClient, 'reads' | 'cold' | 'inTransaction'>,
): Variant => ({
  name,
  async open(url): Promise<Opened> {
    // Nothing but this query would be answered.
    const { client, runtime } = await connectSubject(url, kind === 'bare' ? 'bare' : 'patient', reads)
    if (inTransaction) await client.query('begin')
    await answerFromMemory(client, query)
    return {
      run: () => client.query(query),
      ...(cold && { before: emptyCaches }),
      execute: (text) => client.query(text),
      async close() {
        // Memory knows no goodbye.
        client.on('error', () => {}).connection.stream.destroy()
        await runtime.close()
      },
    }
  },
})

/** The same query on pg as it is, and through the library. */
export const sameQuery = (query: pg.QueryConfig): readonly [Sent, Sent] => [
  { name: 'bare pg', kind: 'bare', query },
  { name: 'through', kind: 'through', query },
]
