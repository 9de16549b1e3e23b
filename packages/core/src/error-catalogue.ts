/**
 * Every error that core can raise, by its permanent code. `what` is the first sentence of the reference page; the text
 * of one error says what happened, why, and what to do, with the user's own names.
 */
export const CORE_ERRORS = {
  EC_IDENTIFIER: { what: 'A name in a declaration cannot be a PostgreSQL identifier.' },
  EC_TABLE: { what: 'The table of a declaration cannot be read as a name or schema.name.' },
  EC_TYPE: { what: 'A column type in a declaration is not one type name.' },
  EC_COLUMNS: { what: 'The old and new columns of a declaration are missing, repeated or on both sides.' },
  EC_EXPRESSION: { what: 'A mapping is not one SQL expression over the columns it may use.' },
  EC_MAPPING_COLUMN: { what: 'A mapping names a column that it may not use, or a target that was not declared.' },
  EC_MAPPING_MISSING: { what: 'A column has no mapping, and none can be derived.' },
  EC_VOLATILE_MAPPING: { what: 'A mapping gives a different result each time it is evaluated.' },
  EC_OPTION: { what: 'An option of a declaration is not known, or has a value that it cannot have.' },
  EC_DUPLICATE_ID: { what: 'Two migrations have the same id.' },
  EC_DUPLICATE_FLAG: { what: 'Two migrations have the same flag.' },
  EC_CONFLICT: { what: 'Two migrations of one table claim the same column.' },
  EC_UNKNOWN_MIGRATION: { what: 'A phase or flag was given for a migration that is not declared.' },
  EC_PHASE: { what: 'A migration was put into a phase that does not exist.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type CoreErrorCode = keyof typeof CORE_ERRORS
