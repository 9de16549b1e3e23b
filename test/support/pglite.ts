import { type Extensions, PGlite } from '@electric-sql/pglite'
import type { ScriptDatabase } from './server-database.ts'

/** An empty database, made once per test file: it takes 5 s, and to load it again under 1 s. */
let empty: Promise<Blob> | undefined

async function dumpEmpty(): Promise<Blob> {
  const first = await PGlite.create()
  const { rows } = await first.query<{ version: string }>("select split_part(version(), ' on ', 1) as version")
  console.log(`PGlite runs ${rows[0]?.version}`)
  const dump = await first.dumpDataDir('none')
  await first.close()
  return dump
}

export interface StartPGlite {
  readonly script: string
  readonly extensions?: Extensions
}

/** PGlite in memory, with what a script makes. */
export async function startPGlite({ script, extensions = {} }: StartPGlite): Promise<PGlite> {
  empty ??= dumpEmpty()
  const db = await PGlite.create({ loadDataDir: await empty, extensions })
  await db.exec(script)
  return db
}

export interface PGliteDatabase extends ScriptDatabase {
  readonly pglite: PGlite
}

/** A database that starts with a script, in a PGlite of its own. */
export async function createPGliteDatabase(script: string): Promise<PGliteDatabase> {
  const pglite = await startPGlite({ script })
  return {
    pglite,
    rows: async (statement) => (await pglite.query(statement)).rows,
    drop: () => pglite.close(),
  }
}
