import type { MigratingColumnOptions, OtherColumn } from './migrating-column-options.ts'
import { typeormError } from './typeorm-error.ts'

/** Refuses what the types would have refused; the rest is checked when the names are known. */
export function checkOptions(options: MigratingColumnOptions, place: string): MigratingColumnOptions {
  if (typeof options !== 'object' || options === null) refuse(place, 'has no options')
  if ((options.to === undefined) === (options.from === undefined))
    refuse(place, options.to === undefined ? 'has neither `to` nor `from`' : 'has both `to` and `from`')
  for (const column of otherColumns(options)) {
    if (typeof column?.name !== 'string' || column.name === '') refuse(place, 'has another column without a `name`')
    if (column.type === undefined) refuse(place, `does not say the \`type\` of ${JSON.stringify(column.name)}`)
  }
  if (otherColumns(options).length === 0) refuse(place, 'has an empty list of columns')
  return Object.freeze({ ...options })
}

/** The columns that TypeORM does not know of. */
export function otherColumns({ to, from }: MigratingColumnOptions): readonly OtherColumn[] {
  const other = to ?? from
  return Array.isArray(other) ? (other as readonly OtherColumn[]) : [other as OtherColumn]
}

function refuse(place: string, why: string): never {
  throw typeormError('EC_TYPEORM_OPTION', {
    message: `The migrating column ${place} ${why}.`,
    hint: "Write `{ to: { name: 'full_name', type: 'text' } }` where @Column describes the column as it was, `{ from: ... }` where it describes the column as it is to be.",
  })
}
