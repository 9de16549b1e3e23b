import type {
  BackupRecord,
  InstanceRecord,
  MigrationRecord,
  StatementRecord,
  VerificationRecord,
} from '@expand-contract/control'
import { type Migration, renameColumn } from '@expand-contract/core'
import type { Action, BackupSummary, Verification } from '@expand-contract/runner'
import type { Gate } from '../../packages/cli/src/command.ts'
import type { DatabaseFacts } from '../../packages/cli/src/database.ts'
import type { PlannedHazards } from '../../packages/cli/src/doctor/planned-hazards.ts'
import type { BackfillView } from '../../packages/cli/src/screens/backfill-screen.ts'
import type { StepsView } from '../../packages/cli/src/screens/expand-screen.ts'
import type { StatusView } from '../../packages/cli/src/screens/status-screen.ts'
import type { VerifyView } from '../../packages/cli/src/screens/verify-screen.ts'
import type { MigrationStatus, StatusFacts } from '../../packages/cli/src/status/migration-status.ts'

export const NOW = new Date('2026-11-26T14:24:33Z')
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000)
const HOUR = 3_600
const DAY = 24 * HOUR

export const migration: Migration = renameColumn({
  ...{ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' },
})

export const database: DatabaseFacts = {
  ...{ name: 'shop_production', host: 'db-1.internal', role: 'shop_operator', version: '18.1', standby: false },
}

const about = { migration: migration.id, why: 'a reason', tables: ['"users"'], estimate: { kind: 'instant' } } as const
const sql = (text: string, lock: Action['lock'], transaction: string | undefined = 'expand'): Action => ({
  ...{ ...about, kind: 'sql', sql: text, lock, transaction },
})
const scan = { estimate: { kind: 'scan', rows: 41_203_118, bytes: 9.8e9 } } as const

export const actions: readonly Action[] = [
  sql('CREATE SEQUENCE "expand_contract"."ec_bypass_7f3a"', 'none'),
  sql('ALTER TABLE "public"."users" ADD COLUMN "full_name" text', 'ACCESS EXCLUSIVE'),
  sql('CREATE OR REPLACE FUNCTION "expand_contract"."ec_sync_7f3a"() RETURNS trigger', 'none'),
  ...['users', 'users_2024', 'users_2025'].map((table) =>
    sql(`CREATE TRIGGER "~ec_sync_7f3a" BEFORE INSERT OR UPDATE ON "public"."${table}"`, 'SHARE ROW EXCLUSIVE'),
  ),
  {
    ...{ ...about, kind: 'record-phase', operation: 'expand', phase: 'expand', lock: 'none', transaction: 'expand' },
  },
  {
    ...sql('CREATE INDEX CONCURRENTLY "users_full_name_idx" ON "users" ("full_name")', 'SHARE UPDATE EXCLUSIVE'),
    ...{ transaction: undefined, ...scan },
  },
  {
    ...sql('ANALYZE "public"."users"', 'SHARE UPDATE EXCLUSIVE'),
    ...{ transaction: undefined, ...scan },
  },
]

export const hazards: PlannedHazards = {
  freeBytes: 310e9,
  findings: [
    {
      ...{ code: 'D11', level: 'error', stops: 'backfill' },
      what: 'trigger or rule "touch_updated_at" would fire for each row that is filled',
    },
    {
      ...{ code: 'D07', level: 'warning', stops: 'contract' },
      what: 'view public.active_users reads users.name: contract would fail',
    },
    { code: 'D03', level: 'warning', stops: undefined, what: 'idle_in_transaction_session_timeout is 0' },
  ],
}

export const costs = { soakMs: 7 * DAY * 1_000, holdMs: 3 * DAY * 1_000, batchMs: 60 }

export const steps: StepsView = {
  ...{ verb: 'Expand', migration, database, now: NOW },
  steps: [
    { name: 'doctor', state: 'done', detail: '0 errors, 2 warnings (D07, D03)' },
    { name: 'operator lock', state: 'done', detail: 'held by you (pid 90211)' },
    { name: 'column full_name text', state: 'running', detail: '' },
    { name: 'index users_full_name_idx', state: 'after', detail: 'after it' },
  ],
  waiting: {
    ...{ transaction: 'expand', tries: 3, retryAt: new Date(NOW.getTime() + 1_400), lockTimeoutMs: 200 },
    ...{ lock: 'ACCESS EXCLUSIVE', tables: ['users'], giveUpAt: new Date(NOW.getTime() + 1_752_000) },
    blockers: [
      {
        ...{ pid: 84_977, application: 'pg_dump', role: 'backup', state: 'active', since: ago(31) },
        ...{ statement: 'copy public.users to stdout', kind: 'client backend', yields: true },
      },
      {
        ...{ pid: 84_113, application: 'metabase', role: 'bi_ro', state: 'idle in transaction', since: ago(252) },
        ...{ statement: 'select count(*) from users where created_at > $1 and tenant = $2', kind: 'client backend' },
        yields: true,
      },
    ],
  },
}

export const backfill: BackfillView = {
  ...{ migration, database, workers: 2, tableRows: 41_203_118, rate: 61_200, lastMinute: 58_900, secondsLeft: 387 },
  resumed: { block: 212_480, by: 'dana@ops-2', at: ago(1_353) },
  progress: { blocksDone: 237_824, blocks: 531_914, rows: 18_412_900, failedRows: 0, done: false },
  batch: { ms: 84, rows: 6_144 },
  waiting: {
    reason: { code: 'replica_lag', value: 6.2, limit: 5, unit: 's', detail: 'db-2' },
    ms: 3_000,
  },
  ...{ waitedMs: 41_000, runningMs: 301_000, savedAt: ago(2), now: NOW },
  load: { walBytesPerSecond: 31e6, activeSessions: 9, lockWaits: 0, oldestTransactionSeconds: 12 },
  limits: { walBytesPerSecond: 50e6, activeSessions: 40 },
  traffic: { p95Ms: 1.31, beforeMs: 1.1, ratio: 1.19 },
}

const none = { new_missing: [], new_orphan: [], differs: [], way_back: [], unconvertible: [] } as const
const row = (id: string) => ({ relation: 'public.users', key: { id } })

const verification: Verification = {
  ...{
    phase: 'expand',
    epoch: 7,
    rows: 41_203_118,
    clean: false,
    ms: 38_400,
    stopped: false,
    held: { snapshots: 532, longestMs: 80 },
  },
  counts: { new_missing: 12, new_orphan: 0, differs: 3, way_back: 0, unconvertible: 0 },
  samples: {
    ...none,
    new_missing: [row('88121'), row('88122'), row('90417'), row('90418')],
    differs: [row('17'), row('40021'), row('512993')],
  },
  trigger: { members: {}, on: true, problems: [] },
}

export const mismatches: VerifyView = {
  ...{ migration, verification },
  writers: [
    {
      ...{ sessionUser: 'dba_tom', role: 'none', application: 'psql', clientAddress: undefined, operation: 'UPDATE' },
      ...{ wrote: 'old', relation: 'users', samples: 3, lastSeen: ago(1_560) },
    },
  ],
}

export const withValues: VerifyView = {
  ...mismatches,
  values: {
    new_missing: [{ name: 'Ada Lovelace', full_name: null }, undefined],
    differs: [{ name: 'Grace', full_name: 'Grace Hopper' }],
  },
}

export const clean: VerifyView = {
  ...{ migration, writers: [] },
  verification: {
    ...{ ...verification, clean: true, samples: none },
    counts: { new_missing: 0, new_orphan: 0, differs: 0, way_back: 0, unconvertible: 0 },
  },
}

export const gates: readonly Gate[] = [
  { id: 'backfilled', ok: true, detail: '41,203,118 rows, 2 h 11 min ago' },
  { id: 'parity', ok: true, detail: '2 indexes, 1 check, 1 foreign key, comment, 3 grants' },
  { id: 'statistics', ok: true, detail: 'analyzed 2 h 10 min ago' },
  {
    ...{ id: 'verified', ok: false },
    detail: 'no clean pass in epoch 7; it began 14 min ago with a repair (15 rows, dana)',
    remedy: { command: 'expand-contract verify users.full_name', why: 'about 40 s' },
  },
  {
    ...{ id: 'acknowledged', ok: false, detail: '11 of 12 processes; missing: worker-55d9' },
    more: [
      'worker-55d9  version 2026.45.0  epoch 6  seen 3 s ago  ip-10-0-3-7',
      'restart it or scale it away, or wait for it:',
    ],
    remedy: { command: 'expand-contract wait users.full_name --for acknowledged --timeout 15m' },
  },
]

const soaking: Gate = {
  ...{ id: 'soak', ok: false, detail: '0 ms of 7 d: it does not run, since cron-1 reads the old column' },
  remedy: { command: 'expand-contract wait users.full_name --for soaked --timeout 8d' },
}

const process = (id: string, over: Partial<InstanceRecord> = {}): InstanceRecord => ({
  ...{ id, application: 'api', appVersion: '2026.47.1', libraryVersion: '1.0.0', host: 'ip-10-0-3-7', role: 'app' },
  ...{ leaseMs: 1_000, everyMs: 5_000, startedAt: ago(DAY), heartbeatAt: ago(1), leftAt: undefined, live: true },
  ...{ ageMs: 1_000, acknowledged: { [migration.id]: 7 }, declarations: { [migration.id]: 'hash' } },
  reads: { [migration.id]: { old: 10, new: 5, oldRate: 1_204, newRate: 401, lastOldAt: NOW.toISOString() } },
  ...over,
})

const cron = process('cron-1', {
  ...{ application: 'cron', appVersion: '2026.45.0', ageMs: 3_000, acknowledged: { [migration.id]: 6 } },
  reads: { [migration.id]: { old: 2, new: 0, oldRate: 0, newRate: 0, lastOldAt: ago(40).toISOString() } },
})

const record: MigrationRecord = {
  ...{ id: migration.id, tableSchema: undefined, tableName: 'users', phase: 'switch', epoch: 7 },
  ...{ declarationHash: 'hash', declaration: {} as MigrationRecord['declaration'], oldPositions: {} },
  contracted: {},
  ...{ createdAt: ago(20 * DAY), createdBy: 'dana@ops-2', changedAt: ago(3 * DAY + 4 * HOUR), changedBy: 'dana@ops-2' },
}

const pass: VerificationRecord = {
  ...{ id: 3, migration: migration.id, epoch: 7, startedAt: ago(760), endedAt: ago(720), rows: 41_203_118 },
  ...{ counts: {}, samples: {}, triggers: {}, clean: true, who: 'dana@ops-2' },
}

const facts: StatusFacts = {
  ...{ migration, record, backfill: undefined, ranges: [], verification: pass, lease: undefined },
  passes: { count: 153, since: ago(3 * DAY) },
  fleet: [...['2thr7', 'ccgcf', 'd8k2x', 'f0x1p', 'g11qq'].map((name) => process(`api-7c9f-${name}`)), cron],
}

const said = (over: Partial<MigrationStatus> & Pick<MigrationStatus, 'id'>): MigrationStatus => ({
  ...{ phase: 'expand', since: ago(5 * HOUR), turn: 'waiting', state: '', next: 'wait', command: undefined },
  ...{ acknowledged: { processes: 6, missing: [] }, blocksDone: 0, blocks: 0, verified: false },
  ...over,
})

const statements: readonly StatementRecord[] = [
  {
    ...{ migration: migration.id, fingerprint: 'f', side: 'old', outcome: 'kept', reason: 'whole-row', kind: 'SELECT' },
    ...{ message: 'A whole row.', text: 'select to_tsvector(u) from users u where u.id = $1', count: 812 },
    ...{ application: 'cron', firstSeen: ago(DAY), lastSeen: ago(40), lastInstance: 'cron-1' },
  },
]

export const status: StatusView = {
  ...{ database, facts, statements, now: NOW, all: false, writers: mismatches.writers },
  status: said({
    ...{ id: migration.id, phase: 'switch', turn: 'may-act', verified: true, next: 'raise flag' },
    state: 'the flag decides, 24.8 % of reads are new',
    acknowledged: { processes: 6, missing: [cron] },
  }),
  gates: { to: 'contract', gates: [...gates, soaking] },
}

export const many: readonly MigrationStatus[] = [
  said({ id: 'carts.total', phase: 'switch', since: ago(8 * DAY), state: '100 % of reads are new', next: 'wait' }),
  said({ id: 'events.payload', since: ago(2 * HOUR), turn: 'working', state: 'backfill 44.7 %, eta 6 min 27 s' }),
  said({ id: 'items.sku', since: ago(1_200), turn: 'working', state: 'backfill by dana@ops-2, index 71 %' }),
  said({
    id: 'tags.label',
    phase: 'off',
    since: undefined,
    turn: 'may-act',
    state: 'declared, not begun',
    next: 'expand',
  }),
  said({
    id: 'sessions.token',
    phase: 'dropped',
    since: ago(12 * DAY),
    turn: 'done',
    state: 'done',
    next: 'remove code',
  }),
  said({
    id: 'payments.ref',
    phase: 'hold',
    since: ago(2 * DAY),
    state: 'the old column is set aside; held: 2 d of 3 d',
    next: 'wait 1 d',
  }),
  said({ id: 'orders.amount', turn: 'act', state: '15 rows differ', next: 'repair' }),
  said({
    ...{ id: 'users.full_name', phase: 'switch', since: ago(3 * DAY), turn: 'act', next: 'resume' },
    state: 'backfill 12.0 %, paused by dana@ops-2: month end, until the report of the finance department is done',
  }),
]

export const backupRecord: BackupRecord = {
  ...{
    id: 3,
    migration: migration.id,
    epoch: 9,
    path: 'docs/backups/users.full_name.2026-11-20.zst',
    evidence: undefined,
  },
  ...{
    rows: 41_203_118,
    bytes: 496e6,
    sha256: 'ab',
    takenAt: NOW,
    restoredAt: NOW,
    equal: true,
    who: 'dana',
    figures: {},
  },
}

export const backupSummary: BackupSummary = {
  header: {
    ...{ migration: migration.id, declarationHash: 'ab', table: { schema: 'public', name: 'users' }, old: [], new: [] },
    key: [{ name: 'id', type: 'bigint', equals: 'OPERATOR(pg_catalog.=)' }],
    ...{
      database: 'shop',
      serverVersion: 180_001,
      epoch: 9,
      phase: 'hold',
      takenAt: NOW.toISOString(),
      definitions: [],
    },
  },
  trailer: { rows: 41_203_118, bytes: 2.9e9, sha256: 'ab' },
  ...{ fileSha256: '9f2c'.repeat(16), fileBytes: 496e6 },
}

export const keylessSummary: BackupSummary = {
  ...backupSummary,
  header: { ...backupSummary.header, key: [], whole: [{ name: 'email', type: 'text' }] },
}
