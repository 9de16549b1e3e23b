import { heldColumnName } from '@expand-contract/sql'
import type { ColumnElsewhere, ParityFacts } from './parity-facts.ts'

interface Place {
  readonly schema: string
  readonly table: string
}

type Facts = Pick<ParityFacts, 'elsewhere'>

const isOn = ({ schema, table }: ColumnElsewhere, place: Place): boolean =>
  table === place.table && (schema ?? place.schema) === place.schema

/** The new column that another migration has beside a column, as it was or as `hold` has named it; the column itself where there is none. */
export const columnBeside = ({ elsewhere }: Facts, place: Place, column: string): string =>
  elsewhere.find((each) => isOn(each, place) && [each.old, heldColumnName(each.old)].includes(column))?.new ?? column

/** The column that another migration began with; the column itself where it is of none. */
export const originOf = ({ elsewhere }: Facts, place: Place, column: string): string =>
  elsewhere.find((each) => isOn(each, place) && [each.new, heldColumnName(each.old)].includes(column))?.old ?? column
