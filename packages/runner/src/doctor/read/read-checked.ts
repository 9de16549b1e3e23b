import { createRuntime, type Migration, type MigrationFinding } from '@expand-contract/core'
import { checkWith, type OwnQuery, type OwnQueryResult } from '@expand-contract/session'
import type { RunnerClient } from '../../runner-client.ts'

/** Values as the text that the server sent. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

const NOTHING: OwnQueryResult = { rows: [], fields: [] }

/** A client of pg, as far as it takes more than a text and values. */
interface ConfigurableClient {
  query(config: {
    readonly text: string
    readonly values: readonly unknown[]
    readonly types: typeof AS_TEXT
  }): Promise<OwnQueryResult | readonly OwnQueryResult[]>
}

/** What an application that declares the migration finds when it starts: `checkMigrations`, with so many rows. */
export async function readChecked(
  client: RunnerClient,
  migration: Migration,
  rows: number,
): Promise<readonly MigrationFinding[]> {
  const runtime = await createRuntime({ migrations: [migration] })
  try {
    const ask = async ({ text, values, sent }: OwnQuery): Promise<OwnQueryResult> => {
      const config = { text: sent?.(text) ?? text, values, types: AS_TEXT }
      const answers = [await (client as unknown as ConfigurableClient).query(config)].flat()
      return answers.find(({ fields }) => fields.length > 0) ?? NOTHING
    }
    return await checkWith(runtime, ask, { sampleRows: rows })
  } finally {
    await runtime.close()
  }
}
