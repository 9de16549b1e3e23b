import { execFileSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { nativeFolder, reachableBinaries, serverIdentity } from './embedded-binaries.ts'
import { serve, TEST_SETTINGS } from './embedded-postgres.ts'
import { type PostgresServer, urlOfDatabase } from './postgres-server.ts'
import { removeFolder, scratchFolder } from './scratch-folder.ts'

export interface Standby {
  url(database?: string): string
  stop(): Promise<void>
}

/** The names of the functions of 14, which the majors after it have not. */
const BACKUP = {
  14: {
    start: "select pg_start_backup('standby', true, false)",
    stop: 'select labelfile as label from pg_stop_backup(false)',
  },
  later: { start: "select pg_backup_start('standby', true)", stop: 'select labelfile as label from pg_backup_stop()' },
}

/** The server goes on meanwhile: a file of the moment may be gone when its turn comes. */
function copyFiles(from: string, to: string): void {
  for (let attempt = 1; ; attempt++)
    try {
      cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('/postmaster.pid') })
      return
    } catch (error) {
      if (attempt === 20 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      rmSync(to, { recursive: true, force: true })
    }
}

/**
 * A physical replica of an embedded server, by streaming: a copy of its files, made as a base backup is. Some settings must be no lower than
 * those of the primary.
 */
export async function startStandby(
  primary: PostgresServer,
  given: Readonly<Record<string, string>> = {},
): Promise<Standby> {
  const identity = serverIdentity()
  const folder = scratchFolder('ec-standby-', false)
  const data = join(folder, 'data')
  const client = new pg.Client({ connectionString: primary.url() })
  await client.connect()
  try {
    const backup = primary.major === 14 ? BACKUP[14] : BACKUP.later
    await client.query(backup.start)
    const { rows } = await client.query("select current_setting('data_directory') as folder")
    copyFiles(rows[0].folder, data)
    const { rows: labels } = await client.query(backup.stop)
    writeFileSync(join(data, 'backup_label'), labels[0].label)
    writeFileSync(join(data, 'standby.signal'), '')
    rmSync(join(data, 'postmaster.opts'), { force: true })
    const { hostname, port, username } = new URL(primary.url())
    const settings = { ...TEST_SETTINGS, ...given, primary_conninfo: `host=${hostname} port=${port} user=${username}` }
    if (identity !== undefined) execFileSync('chown', ['-R', `${identity.uid}:${identity.gid}`, folder])
    execFileSync('chmod', ['-R', 'go-rwx', data])
    const bin = reachableBinaries(nativeFolder(primary.major), folder, identity !== undefined)
    const { server, port: own } = await serve({ postgres: join(bin, 'postgres'), data, folder, settings, identity })
    const url = `postgres://${username}@127.0.0.1:${own}/postgres`
    return {
      url: (database = 'postgres') => urlOfDatabase(url, database),
      async stop() {
        await server.stop()
        removeFolder(folder)
      },
    }
  } catch (error) {
    removeFolder(folder)
    throw error
  } finally {
    await client.end()
  }
}
