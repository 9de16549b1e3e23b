import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UnleashFeature, UnleashLike } from '@expand-contract/unleash'
import * as newest from 'unleash-client'
import * as oldest from 'unleash-client-oldest'

/** What the tests use of a real client besides what the package does. */
export interface TestClient extends UnleashLike {
  destroy(): void
  once(event: string, listener: () => void): unknown
  listenerCount(event: string): number
}

/** Where a client may find flags that are not its server's. */
interface OtherData {
  /** A folder with a backup file. By default the file is in the temp folder of the machine, and shared. */
  readonly backupPath?: string
  readonly bootstrap?: readonly UnleashFeature[]
}

interface ClientConfig {
  readonly url: string
  readonly appName: string
  readonly customHeaders: Record<string, string>
  readonly refreshInterval: number
  readonly disableMetrics: boolean
  readonly skipInstanceCountWarning: boolean
}

export type ClientVersion = typeof newest | typeof oldest

/** The newest client, and the oldest that the package declares to fit. */
export const CLIENT_VERSIONS = [
  ['newest', newest],
  ['oldest', oldest],
] as const

export interface TestClients {
  create(other?: OtherData): TestClient
  /** A folder for backup files, that no other test has. */
  folder(): string
  /** Ends all clients. */
  close(): void
  /** Removes all folders; clients may write until shortly after their end, so this is for the end of a file. */
  clean(): void
}

/** Clients of one version that ask their server five times a second. */
export function testClients(
  server: { readonly url: string; readonly clientToken: string },
  version: ClientVersion,
): TestClients {
  const open: TestClient[] = []
  const folders: string[] = []
  const config: ClientConfig = {
    appName: 'ec-test',
    url: server.url,
    customHeaders: { Authorization: server.clientToken },
    refreshInterval: 200,
    disableMetrics: true,
    skipInstanceCountWarning: true,
  }
  return {
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'ec-unleash-'))
      folders.push(path)
      return path
    },
    create({ backupPath, bootstrap } = {}) {
      const client = new version.Unleash({
        ...config,
        ...(bootstrap === undefined ? {} : { bootstrap: { data: JSON.parse(JSON.stringify(bootstrap)) } }),
        ...(backupPath === undefined ? { storageProvider: new version.InMemStorageProvider() } : { backupPath }),
      })
      // Without a listener the client prints what it cannot reach, which is what some tests are about.
      client.on('error', () => {})
      open.push(client)
      return client
    },
    close() {
      for (const client of open.splice(0)) client.destroy()
    },
    clean() {
      for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
    },
  }
}
