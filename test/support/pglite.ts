import { Buffer } from 'node:buffer'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Extensions, PGlite } from '@electric-sql/pglite'
import { inject } from 'vitest'
import { pgliteTemplate } from './pglite-template.ts'
import type {} from './postgres-global-setup.ts'
import type { ScriptDatabase } from './server-database.ts'

/** An empty database, made by the first test file of the run that needs one. */
async function emptyDatabase(): Promise<Blob> {
  const file = pgliteTemplate(inject('postgresRun'))
  if (existsSync(file)) return new Blob([readFileSync(file)])
  const first = await PGlite.create()
  const { rows } = await first.query<{ version: string }>("select split_part(version(), ' on ', 1) as version")
  console.log(`PGlite runs ${rows[0]?.version}`)
  const dump = await first.dumpDataDir('none')
  await first.close()
  // Other files of the run may be at it as well.
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, Buffer.from(await dump.arrayBuffer()))
  renameSync(draft, file)
  return dump
}

let empty: Promise<Blob> | undefined

export interface StartPGlite {
  readonly script: string
  readonly extensions?: Extensions
}

/** PGlite in memory, with what a script makes. */
export async function startPGlite({ script, extensions = {} }: StartPGlite): Promise<PGlite> {
  empty ??= emptyDatabase()
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
