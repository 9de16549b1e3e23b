import { stripVTControlCharacters } from 'node:util'
import type { EventRecord } from '@expand-contract/control'
import { type BackfillResult, soakGate } from '@expand-contract/runner'
import { describe, expect, test } from 'vitest'
import { backfillEnd, backfillLine, backfillScreen } from '../../packages/cli/src/screens/backfill-screen.ts'
import { backupScreen } from '../../packages/cli/src/screens/backup-screen.ts'
import { dropScreen } from '../../packages/cli/src/screens/drop-screen.ts'
import { stepsScreen } from '../../packages/cli/src/screens/expand-screen.ts'
import { blocksScreen, gatesScreen } from '../../packages/cli/src/screens/gates-screen.ts'
import { logScreen } from '../../packages/cli/src/screens/log-screen.ts'
import { measureScreen } from '../../packages/cli/src/screens/measure-screen.ts'
import { nextLines } from '../../packages/cli/src/screens/next-lines.ts'
import { operatorBackupScreen, operatorLinesScreen } from '../../packages/cli/src/screens/operator-backup-screen.ts'
import { paint } from '../../packages/cli/src/screens/paint.ts'
import { planScreen } from '../../packages/cli/src/screens/plan-screen.ts'
import { restoredScreen, restoreScreen } from '../../packages/cli/src/screens/restore-screen.ts'
import type { Screen } from '../../packages/cli/src/screens/screen.ts'
import { statusList } from '../../packages/cli/src/screens/status-list.ts'
import { statusScreen } from '../../packages/cli/src/screens/status-screen.ts'
import { verifyScreen } from '../../packages/cli/src/screens/verify-screen.ts'
import { asGates } from '../../packages/cli/src/status/next-gates.ts'
import { measured, measuredLittle } from './measure-data.ts'
import * as data from './screen-data.ts'
import * as late from './stage-screen-data.ts'

const { migration, database, backfill, NOW: now } = data
const table = { name: 'users', rows: 41_203_118, bytes: 9.8e9 }
const done: BackfillResult = {
  ...{ ended: 'done', waitedMs: 72_000 },
  progress: { ...backfill.progress, rows: 41_203_118, failedRows: 2, done: true },
}

const events: readonly EventRecord[] = [
  {
    ...{ id: 1, at: now, migration: migration.id, kind: 'phase', who: 'dana@ops-2', role: 'op', host: 'ops-2' },
    ...{ version: '1.0.0', figures: { epoch: 7, to: 'switch', from: 'expand', operation: 'switch', tries: 4, ms: 6 } },
  },
  {
    ...{ id: 2, at: now, migration: migration.id, kind: 'backfill-done', who: 'pipeline@runner-0a17f3', role: 'op' },
    ...{ host: 'ops-2', version: '1.0.0', figures: { ms: 842_000, rows: 41_203_118, waitedMs: 72_000, failedRows: 0 } },
  },
  {
    ...{ id: 3, at: now, migration: migration.id, kind: 'bypassers', who: 'dana@ops-2', role: 'op', host: 'ops-2' },
    ...{ version: '1.0.0', figures: { rows: 14, writers: late.recordedWriters } },
  },
  {
    ...{ id: 4, at: now, migration: migration.id, kind: 'measured', who: 'dana@ops-2', role: 'op', host: 'ops-2' },
    version: '1.0.0',
    figures: { stage: 'switch', sessions: { read: { p95Ms: 1.1 } }, names: ['a', 'b'], stages: [{ stage: 'off' }] },
  },
]

const contractGates = asGates([
  soakGate(migration.id, {
    ...{
      since: new Date('2026-11-26T13:20:00Z'),
      ms: 3_840_000,
      wantedMs: 604_800_000,
      met: false,
      why: undefined,
      restarts: [],
      silent: {},
    },
    over: new Date('2026-12-03T13:20:00Z'),
    history: [
      {
        at: new Date('2026-11-24T09:14:00Z'),
        reason: 'flag',
        detail: 'the flag sent reads of api-7c9f to the old column',
      },
      {
        at: new Date('2026-11-25T16:02:00Z'),
        reason: 'bypass',
        detail: 'somebody wrote past the application (psql as dba_tom)',
      },
      {
        at: new Date('2026-11-26T13:20:00Z'),
        reason: 'old-read',
        detail: 'worker-55d9 read the old column: select to_tsvector(u) from users u',
      },
    ],
  }),
  { id: 'inventory', ok: true, detail: '0 of 41 statement shapes need the old column' },
  { id: 'acknowledged', ok: true, detail: '12 of 12 processes follow epoch 7' },
  {
    ...{ id: 'dependents', ok: false, detail: 'view public.active_users' },
    more: [
      'with full_name in place of name:',
      'CREATE OR REPLACE VIEW public.active_users AS SELECT id, name FROM users;',
    ],
  },
  { id: 'verified', ok: true, detail: '41203118 rows, none differs' },
])

const dropBackup = (figures: Readonly<Record<string, unknown>>) => ({
  ...{ id: 3, migration: migration.id, epoch: 9, path: 'docs/backups/users.full_name.2026-11-20.zst' },
  ...{ evidence: undefined, rows: 8_112_004, bytes: 96e6, sha256: 'ab', takenAt: now, restoredAt: now },
  ...{ equal: true, who: 'dana', figures },
})

/** Every screen, from data that does not change. */
const SCREENS: Readonly<Record<string, Screen>> = {
  plan: (screen) =>
    planScreen(
      {
        ...{ migration, database, table, whole: true, hazards: data.hazards, costs: data.costs },
        stages: [{ name: 'expand', actions: data.actions }],
      },
      screen,
    ),
  'plan-of-nothing': (screen) => planScreen({ migration, database, stages: [{ name: 'expand', actions: [] }] }, screen),
  'expand-waiting': (screen) => stepsScreen(data.steps, screen),
  backfill: (screen) => backfillScreen(backfill, screen),
  'backfill-begins': (screen) =>
    backfillScreen(
      {
        ...{
          ...backfill,
          resumed: undefined,
          rate: undefined,
          lastMinute: undefined,
          secondsLeft: undefined,
          load: {},
        },
        ...{
          batch: undefined,
          waiting: undefined,
          waitedMs: 0,
          savedAt: undefined,
          tableRows: undefined,
          workers: 1,
          traffic: undefined,
        },
        progress: { blocksDone: 0, blocks: 531_914, rows: 0, failedRows: 3, done: false },
      },
      screen,
    ),
  'backfill-ends': (screen) =>
    backfillEnd(
      {
        id: migration.id,
        result: done,
        ms: 842_000,
        waitedFor: 'replica db-2 lags 6.2 s, limit 5 s',
        mostTraffic: 1.27,
      },
      screen,
    ),
  'verify-differs': (screen) => verifyScreen(data.mismatches, screen),
  'verify-values': (screen) => verifyScreen(data.withValues, screen),
  'verify-clean': (screen) => verifyScreen(data.clean, screen),
  'contract-refused': (screen) => gatesScreen({ gates: contractGates, to: 'contract' }, screen),
  backup: backupScreen({
    ...{ id: migration.id, path: 'docs/backups/users.full_name.2026-11-20.zst', checked: false, ok: true },
    ...{ summary: data.backupSummary, compareMs: 41_000, copyMs: 63_000 },
    comparison: { same: 41_203_118, other: 0, changed: 0, added: 0, gone: 0 },
  }),
  'backup-checked': backupScreen({
    ...{ id: migration.id, path: 'docs/backups/users.full_name.2026-11-20.zst', checked: true, ok: false },
    ...{ summary: data.backupSummary, compareMs: 41_000, copyMs: undefined },
    comparison: { same: 41_203_000, other: 3, changed: 115, added: 7, gone: 2 },
  }),
  restore: restoreScreen({
    ...{ migration, database, path: 'docs/backups/users.full_name.2026-11-20.zst', resumed: false },
    ...{ header: data.backupSummary.header, backup: data.backupRecord },
  }),
  'backup-keyless': backupScreen({
    ...{ id: migration.id, path: 'docs/backups/users.full_name.2026-11-20.zst', checked: false, ok: true },
    ...{ summary: data.keylessSummary, compareMs: 41_000, copyMs: 63_000 },
    comparison: { same: 41_203_118, other: 0, changed: 0, added: 0, gone: 0, uncertain: 12_004 },
  }),
  'restore-keyless': restoreScreen({
    ...{ migration, database, path: 'docs/backups/users.full_name.2026-11-20.zst', resumed: false },
    ...{ header: data.keylessSummary.header, backup: data.backupRecord },
    forecast: { rows: 41_203_125, exact: 41_203_000, alike: 90, ambiguous: 12, mapped: 23, gone: 104 },
  }),
  'restored-keyless': restoredScreen({
    migration,
    restored: {
      ...{ rows: 41_203_125, exact: 41_203_000, alike: 90, ambiguous: 12, mapped: 20, empty: 3, gone: 104 },
      ...{ failed: 0, ms: 842_000 },
    },
    definitions: [],
  }),
  'restore-goes-on': restoreScreen({
    ...{ migration, database, path: 'docs/backups/users.full_name.2026-11-20.zst', resumed: true },
    ...{ header: data.backupSummary.header, backup: data.backupRecord },
  }),
  restored: restoredScreen({
    migration,
    restored: { rows: 41_203_125, exact: 41_203_000, mapped: 122, empty: 3, gone: 2, failed: 1, ms: 842_000 },
    definitions: ['CREATE INDEX users_name_idx ON public.users USING btree (name)'],
  }),
  'operator-lines': (screen) =>
    operatorLinesScreen({ id: migration.id, lines: late.operatorLines, asks: true }, screen),
  'operator-lines-dry': (screen) =>
    operatorLinesScreen(
      { id: migration.id, lines: { ...late.operatorLines, timeoutMs: undefined }, asks: false },
      screen,
    ),
  'operator-backup': operatorBackupScreen({ id: migration.id, taken: late.ownBackup, key: ['tenant_id', 'id'] }),
  'operator-backup-refused': operatorBackupScreen({
    ...{ id: migration.id, taken: late.ownBackupThatDiffers, key: ['tenant_id', 'id'] },
  }),
  drop: (screen) =>
    dropScreen(
      { migration, database, heldFor: '3 d 2 h', lossless: true, restoredMs: 220_000, backup: dropBackup({}) },
      screen,
    ),
  'drop-keyless': (screen) =>
    dropScreen(
      {
        migration,
        database,
        heldFor: '3 d 2 h',
        lossless: false,
        restoredMs: 220_000,
        backup: dropBackup({ uncertain: 12_004 }),
      },
      screen,
    ),
  'switch-refused': (screen) => gatesScreen({ gates: data.gates, to: 'switch' }, screen),
  'nothing-blocks': (screen) =>
    blocksScreen({ gates: data.gates.map((gate) => ({ ...gate, ok: true })), to: 'switch' }, screen),
  status: (screen) => statusScreen(data.status, screen),
  'status-all': (screen) => statusScreen({ ...data.status, all: true, statements: [], gates: undefined }, screen),
  'status-in-hold': (screen) => statusScreen(late.held, screen),
  'status-just-begun': (screen) => statusScreen(late.justBegun, screen),
  'status-list': (screen) => statusList({ database, all: data.many, now }, screen),
  log: (screen) => logScreen(events, screen),
  measure: (screen) => measureScreen(measured(), screen),
  'measure-of-little': (screen) => measureScreen(measuredLittle, screen),
  next: (screen) =>
    nextLines(
      [
        { command: 'expand-contract repair users.full_name --dry-run', why: '15 rows, the old column wins' },
        { command: 'expand-contract verify users.full_name --show-values', why: 'prints the values of the samples' },
      ],
      screen,
    ).join('\n'),
}

const names = Object.keys(SCREENS)
const MARK = /\[(?:ok|no|\.\.|! |> | {2})\]/u

describe('screens', () => {
  test.each(names.flatMap((name) => [80, 100].map((width) => [name, width] as const)))(
    '%s in %i columns',
    async (name, width) => {
      const screen = SCREENS[name]
      const plain = paint(screen?.({ width, color: false, unicode: false }) ?? '', { color: false, unicode: false })
      for (const line of plain.split('\n')) expect(line.length, line).toBeLessThanOrEqual(width)
      await expect(`${plain}\n`).toMatchFileSnapshot(`screens/${name}-${width}.txt`)
      for (const color of [false, true])
        for (const unicode of [false, true]) {
          const painted = paint(screen?.({ width, color, unicode }) ?? '', { color, unicode })
          const shown = stripVTControlCharacters(painted)
          // Colour adds nothing that is not said in words, and marks stay where they are.
          if (!color) expect(painted).toBe(shown)
          if (!unicode) expect(shown).toBe(plain)
          else expect(shown).not.toMatch(MARK)
          expect(shown.split('\n').map((line) => line.length)).toEqual(plain.split('\n').map((line) => line.length))
        }
    },
  )

  test('marks in colour, as characters, and both', () => {
    const marks = '[ok] [no] [..] [! ] [> ] [  ]'
    expect(paint(marks, { color: false, unicode: true })).toBe(' \u2714    \u2718    \u22EF    !    \u25B8    \u2219  ')
    expect(paint(marks, { color: true, unicode: false })).toBe(
      '\u001B[32m[ok]\u001B[39m \u001B[31m[no]\u001B[39m \u001B[34m[..]\u001B[39m \u001B[33m[! ]\u001B[39m \u001B[1m[> ]\u001B[22m \u001B[2m[  ]\u001B[22m',
    )
    expect(paint('[ok]', { color: true, unicode: true })).toBe('\u001B[32m \u2714  \u001B[39m')
  })

  test('a backfill as a line of a log has its fields in one order', () => {
    expect(backfillLine(backfill)).toBe(
      'backfill users.full_name 44.7% rows=18412900 rate=61200/s eta=6m27s state=waiting ' +
        'reason="replica db-2 lags 6.2 s, limit 5 s" batch=84ms wal=31MB/s p95=1.19x failed=0 saved=237824',
    )
  })
})
