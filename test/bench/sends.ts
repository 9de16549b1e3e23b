import type pg from 'pg'
import type { Opened, Variant } from './scenario.ts'
import { connectSubject, type Subject, type SubjectKind } from './subjects.ts'

interface Sends {
  readonly name: string
  readonly kind: SubjectKind
  /** @defaultValue 'old' */
  readonly reads?: 'old' | 'new'
  run(client: pg.Client, turn: number, subject: Subject): Promise<unknown>
}

/** A variant that sends something on one connection of pg. */
export const sends = ({ name, kind, reads = 'old', run }: Sends): Variant => ({
  name,
  async open(url): Promise<Opened> {
    const subject = await connectSubject(url, kind, reads)
    const { client, close } = subject
    return { run: (turn) => run(client, turn, subject), execute: (text) => client.query(text), close }
  },
})
