import type { DoctorFinding, DoctorReport } from '@expand-contract/runner'
import { describe, expect, it } from 'vitest'
import { doctorScreen } from './doctor-screen.ts'

const database = { name: 'shop_production', host: 'db-1.internal', role: 'dana', version: '18.1', standby: false }

const finding = (facts: Partial<DoctorFinding>): DoctorFinding => ({
  ...{ code: 'D07', title: 'A view reads the old column', level: 'warning', stops: 'contract' },
  ...{ subject: 'view public.active_users', what: '', why: '', remedy: '' },
  ...facts,
})

const REPORT: DoctorReport = {
  groups: [
    {
      migration: undefined,
      findings: [
        finding({
          code: 'D03',
          what: 'idle_in_transaction_session_timeout is 0',
          why: 'One forgotten session holds its locks, and delays every step for as long.',
          remedy: `ALTER DATABASE "shop_production" SET idle_in_transaction_session_timeout = '60s';`,
        }),
      ],
      passed: [{ code: 'D01', title: 'PostgreSQL is older than 14' }],
    },
    {
      migration: 'users.full_name',
      findings: [
        finding({
          code: 'D11',
          level: 'error',
          what: 'trigger or rule "touch_updated_at" would fire for each row that is filled',
          why: 'What they write elsewhere cannot be taken back, and it would be written for changes that nobody has made.',
          remedy: 'GRANT SET ON PARAMETER session_replication_role TO "shop_operator";',
        }),
        finding({
          what: 'view public.active_users reads users.name: contract would fail',
          why: 'It shows the old column whatever the flag says, and keeps it from being dropped.',
          remedy: `-- when the new column is filled:\nCREATE OR REPLACE VIEW public.active_users AS SELECT id,\n    "full_name" AS "name"\n   FROM public.users\n  WHERE (id > 10) AND "a name that is long enough to reach the end of the line" IS NOT NULL;`,
        }),
        finding({
          code: 'D14',
          what: 'drizzle.config.ts would generate DROP COLUMN "full_name" once the column is there',
          why: 'The tables that it names have the columns of the application alone.',
          remedy: 'Let its schema be a file with physicalTables(schema) of @expand-contract/drizzle.',
        }),
        finding({
          code: 'D48',
          what: 'row security of public.users holds for the role shop_operator as well',
          why: 'The backfill would leave out what is hidden.',
          remedy: 'ALTER ROLE "shop_operator" BYPASSRLS; -- or: ALTER TABLE public.users NO FORCE ROW LEVEL SECURITY;',
        }),
      ],
      passed: [
        { code: 'D10', title: 'Rows violate a check that is NOT VALID' },
        { code: 'D12', title: 'A prepared transaction is left open' },
      ],
    },
  ],
  ...{ errors: 1, warnings: 4, passed: 3, ms: 1_900, extensions: [] },
  disk: { neededBytes: 20e9, freeBytes: 310e9 },
}

describe.each([80, 100])('%i columns', (width) => {
  it('shows what was found with its remedy, and counts the rest', () => {
    const screen = doctorScreen(REPORT, { database, width, verbose: false })
    expect(screen.split('\n').filter((line) => line.length > width)).toEqual([])
    expect(screen).toMatchSnapshot()
  })

  it('names all checks with -v', () => {
    expect(doctorScreen(REPORT, { database, width, verbose: true })).toMatchSnapshot()
  })
})

it('leaves statements what they are: without line breaks they are those of the finding', () => {
  const screen = doctorScreen(REPORT, { database, width: 80, verbose: false })
  const flat = (text: string): string => text.replaceAll(/\s+/gu, ' ')
  for (const { remedy } of REPORT.groups.flatMap(({ findings }) => findings))
    for (const part of remedy.split(/-- [^\n]*/u)) expect(flat(screen)).toContain(flat(part).trim())
})

it('leaves the body of a function alone, and says so where nothing was found', () => {
  const remedy = `CREATE OR REPLACE FUNCTION public.all_users()\n RETURNS TABLE(number integer, label text)\n LANGUAGE plpgsql\nAS $function$ begin\n      return query select "id", "name" from users; end $function$;`
  const report = { ...REPORT, groups: [{ migration: 'm', findings: [finding({ remedy })], passed: [] }] }
  const screen = doctorScreen(report, { database, width: 80, verbose: false })
  for (const line of remedy.split('\n')) expect(screen).toContain(line)
  const clean = { ...REPORT, groups: [{ migration: 'm', findings: [], passed: REPORT.groups[1]?.passed ?? [] }] }
  expect(doctorScreen(clean, { database, width: 80, verbose: false })).toContain('m\n[ok] 2 checks, -v shows them\n')
})
