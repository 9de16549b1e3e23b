import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { readMembers } from '../rows/member.ts'
import { readShape } from '../rows/read-shape.ts'
import type { RunnerClient } from '../runner-client.ts'
import { sqlState } from '../runner-error.ts'
import { DIFFERENCE_CLASSES, type DifferenceClass } from './differences.ts'
import type { DifferingRow } from './row-comparer.ts'
import type { Verification } from './verify.ts'

/** Both sides of a row as text, by column; null is NULL. undefined: the row is gone, or its key cannot be written again. */
export type RowValues = Readonly<Record<string, string | null>> | undefined

/** By class, in the order of the samples. */
export type SampleValues = Readonly<Partial<Record<DifferenceClass, readonly RowValues[]>>>

/**
 * The values of sampled rows, for somebody who has asked to see them: they are answered, and written nowhere. They are those of now, which
 * may have changed since the pass.
 */
export async function readSampleValues(
  client: RunnerClient,
  migration: Migration,
  { samples, schema }: Pick<Verification, 'samples'> & { readonly schema?: string },
): Promise<SampleValues> {
  const { shape } = await readShape(client, migration, schema ?? 'expand_contract')
  const members = await readMembers(client, shape.table)
  const columns = [...migration.old, ...migration.new].map(({ name }) => name)
  const read = async ({ relation, key }: DifferingRow): Promise<RowValues> => {
    const member = members.find((each) => each.relation === relation)
    if (member === undefined) return undefined
    const at = Object.keys(key).map((name, index) => `"~row".${quoteIdentifier(name)} = $${index + 1}`)
    const shown = columns.map((name) => `"~row".${quoteIdentifier(name)}::pg_catalog.text AS ${quoteIdentifier(name)}`)
    const query = `SELECT ${shown.join(', ')} FROM ONLY ${quoteTable(member.name)} AS "~row" WHERE ${at.join(' AND ')}`
    try {
      const { rows } = await client.query(query, Object.values(key))
      return rows[0] as RowValues
    } catch (error) {
      // A key of a composite type or an array is no literal in JSON.
      if (sqlState(error)?.startsWith('22') === true) return undefined
      throw error
    }
  }
  const found: Partial<Record<DifferenceClass, readonly RowValues[]>> = {}
  for (const name of DIFFERENCE_CLASSES) {
    const values: RowValues[] = []
    for (const row of samples[name]) values.push(await read(row))
    if (values.length > 0) found[name] = values
  }
  return found
}
