import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Side } from '@expand-contract/core'
import { afterAll, describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { corpusCases } from './corpus-case.ts'
import { type CorpusDatabase, openCorpusDatabase, PHASES, type Sent } from './corpus-database.ts'

const update = process.env.UPDATE_CORPUS === '1'
const major = newestMajor()
const cases = corpusCases()
const shown = cases.filter((one) => one.since <= major)
if (shown.length < cases.length) console.log(`${cases.length - shown.length} cases need more than PostgreSQL ${major}`)

const databases = new Map<string, Promise<CorpusDatabase>>()

function databaseOf(schema: string, step: 1 | 2 | 3 | 4, app: Side | undefined): Promise<CorpusDatabase> {
  const key = `${schema} ${step} ${app}`
  const database = databases.get(key) ?? openCorpusDatabase({ major, schema, step, app })
  databases.set(key, database)
  return database
}

afterAll(async () => {
  for (const database of databases.values()) await (await database).close()
  if (update) console.log('The corpus was written again. Read the differences: they are what users will run.')
})

describe.each(shown.map((one) => [one.name, one] as const))('%s', (_, one) => {
  test.each(PHASES.map((phase) => [phase.file, phase] as const))('%s', async (file, phase) => {
    const sent = await (await databaseOf(one.schema, phase.step, one.app)).send(one, phase)
    // Only a text that PostgreSQL would not have accepted from the application, either.
    if (sent.error !== undefined)
      expect(sent.outcome, `${sent.text}\n${sent.error}`).toBeOneOf([undefined, 'unchanged'])
    const path = join(one.folder, `${file}.sql`)
    const golden = goldenText(sent)
    if (update) writeFileSync(path, golden)
    expect(existsSync(path), `${path} is missing: run with UPDATE_CORPUS=1, and read what it wrote`).toBe(true)
    expect(golden).toBe(readFileSync(path, 'utf8'))
  })

  test('is sent as it is where no migration is declared', async () => {
    for (const phase of PHASES) {
      const { text } = await (await databaseOf(one.schema, phase.step, undefined)).send(one, phase)
      expect(text).toBe(one.statement)
    }
  })
})

/** The text, below a line for each thing that a reader should know of it. */
function goldenText({ text, notes, error }: Sent): string {
  const lines = [...notes, ...(error === undefined ? [] : [`PostgreSQL answers ${error}`])]
  return `${lines.map((line) => `-- ${line}\n`).join('')}${text === undefined ? '' : `${text}\n`}`
}
