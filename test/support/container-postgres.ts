import { GenericContainer, Wait } from 'testcontainers'
import type { PostgresServer, StartPostgres } from './postgres-server.ts'
import { serverVersion } from './query-server.ts'

const UNSAFE_AND_FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Starts the official image in a local Docker engine: what `EC_POSTGRES=docker` asks for. */
export async function startContainerPostgres({ major, durable, settings }: StartPostgres): Promise<PostgresServer> {
  const all = { max_connections: '200', ...(durable ? {} : UNSAFE_AND_FAST), ...settings }
  const container = await new GenericContainer(`postgres:${major}`)
    .withEnvironment({
      POSTGRES_HOST_AUTH_METHOD: 'trust',
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C.UTF-8 --no-sync',
    })
    .withCommand(['postgres', ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    .withExposedPorts(5432)
    // The image starts a server for its own set-up first.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/u, 2))
    .start()
    .catch((cause: unknown) => {
      throw new Error(
        `EC_POSTGRES=docker, but postgres:${major} did not start in a container. ` +
          'Start the Docker engine, set TESTCONTAINERS_RYUK_DISABLED=true where its helper image cannot be had, or unset EC_POSTGRES.',
        { cause },
      )
    })
  const url = (database = 'postgres'): string =>
    `postgres://postgres@${container.getHost()}:${container.getMappedPort(5432)}/${encodeURIComponent(database)}`
  return {
    major,
    version: (await serverVersion(url())).version,
    rung: 'container',
    url,
    stop: async () => void (await container.stop()),
  }
}
