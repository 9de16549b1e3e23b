import { type Extensions, PGlite } from '@electric-sql/pglite'

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
