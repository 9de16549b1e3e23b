import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a run keeps its empty PGlite: to make one takes 5 s in each process, and to load it under 2. */
export const pgliteTemplate = (run: string): string => join(tmpdir(), `ec-pglite-${run}.tar`)
