import type { Migration } from '@expand-contract/core'
import { changeColumnType, renameColumn } from '@expand-contract/core'
import { type DoctorFinding, type DoctorOptions, doctor } from '@expand-contract/runner'
import type pg from 'pg'
import { expect } from 'vitest'
import type { PostgresMajor } from '../../support/postgres-server.ts'
import { ExpandedDatabase } from '../expanded-database.ts'

export const USERS = `create table users (id int primary key, name text);
  insert into users select n, 'user ' || n from generate_series(1, 20) n;`
export const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })
export const WIDEN = changeColumnType({ table: 'users', from: 'id', fromType: 'int4', to: 'id_big', type: 'int8' })

/** What a fixture may use: `%role%` in its SQL is the name of a role of its own. */
export interface FixtureDatabase {
  readonly db: ExpandedDatabase
  readonly role: string
  readonly sql: (text: string) => Promise<unknown>
}

/** One hazard, planted: found by its code, and gone when what it says is done. */
export interface Fixture {
  readonly code: string
  readonly what?: string
  /** @defaultValue USERS */
  readonly table?: string
  /** @defaultValue RENAME */
  readonly migration?: Migration
  /** Plants it. */
  readonly plant?: string | ((database: FixtureDatabase) => Promise<unknown>)
  /** `expand` runs before (`after` plants after it). */
  readonly expanded?: true
  readonly after?: string | ((database: FixtureDatabase) => Promise<unknown>)
  /** The doctor comes as the role, which is no superuser. */
  readonly asRole?: true
  readonly options?: DoctorOptions
  /** What the finding says. */
  readonly says?: string
  /** A person does this first, and then pastes the remedy; without `pasted` the remedy is a sentence, and this is what it asks for. */
  readonly by?: string | ((database: FixtureDatabase) => Promise<unknown>)
  /** The remedy is SQL, and is run as it stands. @defaultValue true without `by` and `mended` */
  readonly pasted?: boolean
  /** The declaration, or what the doctor is told, is corrected instead. */
  readonly mended?: { readonly migration?: Migration; readonly options?: DoctorOptions }
  readonly since?: number
  readonly until?: number
}

const DDL = /^\s*(?:--[^\n]*\n\s*)*(?:alter|create|drop|grant|vacuum|select|rollback)\b/iu

/** Plants it on a database of its own, looks, does what the remedy says, looks again. */
export async function tryFixture(major: PostgresMajor, fixture: Fixture): Promise<readonly DoctorFinding[]> {
  const { migration = RENAME, options = {}, mended = {} } = fixture
  const db = await ExpandedDatabase.open(major, '')
  const role = `ec_doctor_${db.database.name}`
  const own: FixtureDatabase = {
    db,
    role,
    sql: (text) => db.client.query(text.replaceAll('%role%', role).replaceAll('%database%', `"${db.database.name}"`)),
  }
  const run = async (step: Fixture['plant']): Promise<void> => {
    if (typeof step === 'function') await step(own)
    else if (step !== undefined) await own.sql(step)
  }
  try {
    await own.sql(`create role ${role} login`)
    await own.sql(fixture.table ?? USERS)
    await run(fixture.plant)
    if (fixture.expanded) await db.expand(migration)
    await run(fixture.after)
    const client: pg.Client = fixture.asRole
      ? await db.connect({ connectionString: db.database.url.replace('postgres@', `${role}@`) })
      : db.client
    const found = await findings(client, migration, options, fixture.code)
    const [finding] = found
    expect(finding, 'is found').toBeDefined()
    if (finding === undefined) return []
    expect(finding).toMatchObject({ subject: expect.stringMatching(/./u), why: expect.stringMatching(/\.$|\d$/u) })
    if (fixture.says !== undefined) expect(`${finding.what}\n${finding.remedy}`).toContain(fixture.says)
    await run(fixture.by)
    const isSql = fixture.pasted ?? (fixture.by === undefined && fixture.mended === undefined)
    if (isSql)
      for (const { remedy } of found) {
        expect(remedy).toMatch(DDL)
        await db.client.query(remedy)
      }
    const after = { ...options, ...mended.options }
    await expect
      .poll(() => findings(client, mended.migration ?? migration, after, fixture.code), { timeout: 60_000 })
      .toEqual([])
    return found
  } finally {
    const { rows } = await db.client.query('select 1 from pg_roles where rolname = $1', [role])
    if (rows.length > 0)
      await db.client.query(`reassign owned by ${role} to postgres; drop owned by ${role}; drop role ${role}`)
    await db.close()
  }
}

export async function findings(
  client: pg.Client,
  migration: Migration,
  options: DoctorOptions,
  code?: string,
): Promise<readonly DoctorFinding[]> {
  const { groups } = await doctor(client, [migration], options)
  return groups.flatMap((group) => group.findings).filter((finding) => code === undefined || finding.code === code)
}
