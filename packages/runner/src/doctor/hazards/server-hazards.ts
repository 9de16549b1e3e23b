import { quoteIdentifier } from '@expand-contract/core'
import { literal } from '../../sql/sync-names.ts'
import type { Hazard } from '../hazard.ts'
import type { ServerDoctorFacts } from '../server-facts.ts'

type ServerHazard = Hazard<ServerDoctorFacts>

const version: ServerHazard = {
  code: 'D01',
  title: 'PostgreSQL is older than 14',
  level: 'error',
  stops: 'expand',
  find: ({ version: found }) =>
    found >= 140_000
      ? []
      : [
          {
            subject: 'server',
            what: `PostgreSQL ${Math.floor(found / 10_000)} is older than 14`,
            why: 'The sync trigger and the ranges of the backfill need what came with 14.',
            remedy: 'Upgrade the server first.',
          },
        ],
}

const standby: ServerHazard = {
  code: 'D02',
  title: 'The connection leads to a standby',
  level: 'error',
  stops: 'expand',
  refusal: 'EC_STANDBY',
  find: ({ standby: found, database }) =>
    found
      ? [
          {
            subject: 'server',
            what: `the connection to ${database} leads to a standby`,
            why: 'It cannot be changed, and what is asked of it is older than the primary.',
            remedy: 'Connect to the primary: with several hosts in the URL, target_session_attrs=read-write.',
          },
        ]
      : [],
}

/** `0`, `0ms`, `0s`. */
const isZero = (value: string | undefined): boolean => value !== undefined && /^0+\s*[a-z]*$/u.test(value)

const unlimited = (hazard: Pick<ServerHazard, 'code' | 'title'>, setting: string, value: string, why: string) =>
  ({
    ...hazard,
    level: 'warning',
    stops: undefined,
    find: ({ settings, database }) => {
      const found = settings.find(({ name }) => name === setting)
      const set = (target: string) => `ALTER ${target} SET ${setting} = '${value}';`
      const roles = (found?.roles ?? []).filter((each) => isZero(each.value))
      return [
        ...(isZero(found?.value)
          ? [{ subject: 'server', what: `${setting} is 0`, why, remedy: set(`DATABASE ${quoteIdentifier(database)}`) }]
          : []),
        ...roles.map(({ role }) => ({
          subject: `role ${role}`,
          what: `${setting} is 0 for the role ${role}`,
          why,
          remedy: set(`ROLE ${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(database)}`),
        })),
      ]
    },
  }) satisfies ServerHazard

const idleTimeout = unlimited(
  { code: 'D03', title: 'Sessions may stay idle in a transaction for ever' },
  'idle_in_transaction_session_timeout',
  '60s',
  'One forgotten session holds its locks, and delays every step for as long.',
)

const lockTimeout = unlimited(
  { code: 'D05', title: 'Statements wait for locks without limit' },
  'lock_timeout',
  '10s',
  'DDL of others that waits for a lock on the table holds up everybody who comes behind it, the steps of a migration included.',
)

const pooler: ServerHazard = {
  code: 'D04',
  title: 'A pooler stands between this program and the server',
  level: 'warning',
  stops: undefined,
  find: ({ pooler: found }) =>
    found === 'some' || found === 'shared'
      ? [
          {
            subject: 'server',
            what:
              found === 'shared'
                ? 'a pooler shares connections of the server between clients (transaction or statement mode)'
                : 'a pooler stands between this program and the server',
            why: 'What a session sets stays with a connection that others get next, a cancel request may reach nobody, and the pooler may end what takes long.',
            remedy: 'Name the server itself for this program: DATABASE_URL, or `url` of the configuration.',
          },
        ]
      : [],
}

const mega = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`

const disk: ServerHazard = {
  code: 'D06',
  title: 'The disk has no room for the backfill',
  level: 'error',
  stops: 'backfill',
  overridable: true,
  find: ({ freeBytes, neededBytes }) =>
    freeBytes === undefined || freeBytes >= neededBytes
      ? []
      : [
          {
            subject: 'server',
            what: `${mega(freeBytes)} are free, and filling the new columns takes about ${mega(neededBytes)}`,
            why: 'Each row is written once more, and its WAL with it; a server whose disk is full stops.',
            remedy: 'Give the volume more room, or begin with a smaller table.',
          },
        ],
}

const slots: ServerHazard = {
  code: 'D08',
  title: 'A replication slot that nobody reads keeps WAL',
  level: 'warning',
  stops: undefined,
  find: ({ slots: all }) =>
    all
      .filter(({ active, retainedBytes }) => !active && retainedBytes !== null)
      .map(({ name, retainedBytes }) => ({
        subject: `slot ${name}`,
        what: `replication slot ${name} is not read, and keeps ${mega(retainedBytes ?? 0)} of WAL`,
        why: 'All WAL of the backfill is kept for it until the disk is full.',
        remedy: `SELECT pg_catalog.pg_drop_replication_slot(${literal(name)});`,
      })),
}

const lag: ServerHazard = {
  code: 'D09',
  title: 'A replica is behind',
  level: 'warning',
  stops: undefined,
  find: ({ replicas, limits }) =>
    replicas
      .filter(({ seconds, bytes }) => seconds > limits.lagSeconds && bytes > 0)
      .map(({ name, seconds, bytes }) => ({
        subject: `replica ${name}`,
        what: `replica ${name} is ${seconds.toFixed(1)} s and ${mega(bytes)} behind`,
        why: 'The backfill waits while a replica is behind, and hold waits for all of them.',
        remedy:
          'Look for what holds up its replay there: SELECT * FROM pg_stat_activity WHERE backend_xmin IS NOT NULL;',
      })),
}

const prepared: ServerHazard = {
  code: 'D12',
  title: 'A prepared transaction is left open',
  level: 'warning',
  stops: 'expand',
  find: ({ prepared: all, limits }) =>
    all
      .filter(({ seconds }) => seconds >= limits.transactionSeconds)
      .map(({ gid, owner, seconds }) => ({
        subject: `prepared transaction ${gid}`,
        what: `transaction ${gid} of ${owner} was prepared ${Math.round(seconds)} s ago`,
        why: 'It keeps its locks without a session, over a restart as well, and no timeout ends it.',
        remedy: `ROLLBACK PREPARED ${literal(gid)};`,
      })),
}

const transactions: ServerHazard = {
  code: 'D13',
  title: 'A transaction is open for long',
  level: 'warning',
  stops: 'expand',
  find: ({ transactions: all, limits }) =>
    all
      .filter(({ seconds }) => seconds >= limits.transactionSeconds)
      .map(({ pid, application, role, state, seconds }) => ({
        subject: `pid ${pid}`,
        what: `pid ${pid} (${application === '' ? 'no name' : application}, role ${role}, ${state}) has a transaction open for ${Math.round(seconds)} s`,
        why: 'Whatever it has touched cannot be changed meanwhile, and VACUUM cleans nothing that it may still see.',
        remedy: `SELECT pg_catalog.pg_terminate_backend(${pid});`,
      })),
}

const monitoring: ServerHazard = {
  code: 'D16',
  title: 'The role does not see what other sessions do',
  level: 'warning',
  stops: undefined,
  find: ({ seesSessions, role }) =>
    seesSessions
      ? []
      : [
          {
            subject: `role ${role}`,
            what: `the role ${role} does not see the sessions of others`,
            why: 'Who holds a lock, how far replicas are, and who writes past the application is not shown.',
            remedy: `GRANT pg_read_all_stats TO ${quoteIdentifier(role)};`,
          },
        ],
}

/** What is so for a whole server, in the order of their codes. */
export const SERVER_HAZARDS: readonly ServerHazard[] = [
  ...[version, standby, idleTimeout, pooler, lockTimeout, disk, slots, lag, prepared, transactions, monitoring],
]
