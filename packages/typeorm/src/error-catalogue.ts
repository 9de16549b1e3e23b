/** Every error that this package can raise, by its permanent code; the text of one error has the user's own names. */
export const TYPEORM_ERRORS = {
  EC_TYPEORM_DECORATOR: { what: 'MigratingColumn was used as something else than a legacy property decorator.' },
  EC_TYPEORM_OPTION: { what: 'An option of MigratingColumn or MigratingDataSource has a value that it cannot have.' },
  EC_TYPEORM_COLUMN: { what: 'A migrating property is no column of its entity, or its other column is one already.' },
  EC_TYPEORM_DATA_SOURCE: { what: 'An entity with migrating columns was loaded by a plain DataSource.' },
  EC_TYPEORM_DRIVER: { what: 'The DataSource is for something else than PostgreSQL through node-postgres.' },
  EC_TYPEORM_VERSION: { what: 'The TypeORM that is loaded is older than what is supported.' },
  EC_TYPEORM_NOT_INITIALIZED: { what: 'The runtime of a MigratingDataSource was asked for before it was initialized.' },
} as const satisfies Record<`EC_TYPEORM_${string}`, { readonly what: string }>

export type TypeormErrorCode = keyof typeof TYPEORM_ERRORS
