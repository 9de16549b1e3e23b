import type { Fixture } from './fixture.ts'

/** What is so for a server and can be planted beside others: settings of a database, sessions, slots, roles of its own. */
export const SERVER_FIXTURES: readonly Fixture[] = [
  { code: 'D03', plant: 'alter database %database% set idle_in_transaction_session_timeout = 0' },
  {
    code: 'D03',
    what: 'of a role',
    plant: `alter database %database% set idle_in_transaction_session_timeout = '1min';
      alter role %role% in database %database% set idle_in_transaction_session_timeout = 0`,
  },
  { code: 'D05', plant: 'alter database %database% set lock_timeout = 0' },
  { code: 'D06', options: { freeBytes: async () => 1 }, mended: { options: { freeBytes: async () => 1e12 } } },
  {
    code: 'D13',
    plant: async ({ db }) => {
      const forgotten = await db.connect({ application_name: 'forgotten' })
      forgotten.on('error', () => undefined)
      await forgotten.query('begin; select from users')
    },
    options: { limits: { transactionSeconds: 0 } },
    says: 'idle in transaction',
  },
  { code: 'D16', asRole: true },
  {
    code: 'D14',
    options: {
      project: {
        drizzleKit: {
          file: 'drizzle.config.ts',
          tables: [{ schema: undefined, name: 'users', columns: ['id', 'name'] }],
        },
      },
    },
    mended: {
      options: {
        project: {
          drizzleKit: {
            file: 'drizzle.config.ts',
            tables: [{ schema: 'public', name: 'users', columns: ['id', 'name', 'full_name'] }],
          },
        },
      },
    },
  },
  {
    code: 'D63',
    options: { project: { typeorm: { file: 'data-source.ts', synchronize: true } } },
    mended: { options: { project: { typeorm: { file: 'data-source.ts', synchronize: false } } } },
  },
]
