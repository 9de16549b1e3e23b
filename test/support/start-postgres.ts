import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { givenMajors, givenPostgres } from './given-postgres.ts'
import {
  asMajor,
  type PostgresMajor,
  type PostgresServer,
  type StartPostgres,
  SUPPORTED_MAJORS,
} from './postgres-server.ts'

/**
 * Starts, or finds, a real PostgreSQL of one major: a server given in EC_POSTGRES_URL_<major> or EC_POSTGRES_URL, else a
 * container when EC_POSTGRES=docker asks for it, else the embedded binaries.
 *
 * ```ts
 * const server = await startPostgres({ major: 18, durable: true })
 * const pool = new pg.Pool({ connectionString: server.url('postgres') })
 * ```
 */
export async function startPostgres(options: StartPostgres): Promise<PostgresServer> {
  const given = await givenPostgres(options.major)
  if (given !== undefined) return given
  const asked = process.env.EC_POSTGRES ?? ''
  if (asked === 'docker') return (await import('./container-postgres.ts')).startContainerPostgres(options)
  if (asked !== '' && asked !== 'embedded')
    throw new Error(`EC_POSTGRES is ${JSON.stringify(asked)}. It can be 'docker' or 'embedded'.`)
  return startEmbeddedPostgres(options)
}

/** The majors of this run: PG_MAJORS ('14,18', or 'all'), else those of the given servers, else the oldest and the newest. */
export async function selectedMajors(): Promise<readonly PostgresMajor[]> {
  const asked = process.env.PG_MAJORS?.trim()
  if (asked === 'all') return SUPPORTED_MAJORS
  if (asked) return [...new Set(asked.split(',').map((text) => asMajor(Number(text), 'An entry of PG_MAJORS')))]
  const given = await givenMajors(SUPPORTED_MAJORS)
  return given.length > 0 ? given : [14, 18]
}
