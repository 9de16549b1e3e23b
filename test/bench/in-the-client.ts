import type pg from 'pg'
import { answerFromMemory, emptyCaches } from './client-time.ts'
import type { Variant } from './interleave.ts'
import type { Scenario, Target } from './scenario.ts'

interface Sent {
  readonly variant: string
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
export function inTheClient({ group, name, sent, reads, target, cold, inTransaction }: InTheClient): Scenario {
  const variants: Variant[] = []
  return {
    group,
    name: `${name}: time in the client${cold ? ', caches empty' : ''}`,
    ...(target && { target }),
    async prepare({ connect, readNew }) {
      readNew(reads === 'new')
      for (const { variant, kind, query } of sent) {
        const client = await connect(kind)
        if (inTransaction) await client.query('begin')
        await answerFromMemory(client, query)
        variants.push({ name: variant, run: () => client.query(query), ...(cold && { before: emptyCaches }) })
      }
    },
    variants: () => variants,
  }
}

/** The same query on pg as it is, and through the waist. */
export const sameQuery = (query: pg.QueryConfig): readonly [Sent, Sent] => [
  { variant: 'bare pg', kind: 'bare', query },
  { variant: 'through', kind: 'through', query },
]
