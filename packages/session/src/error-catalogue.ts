/**
 * Every error that this package can raise, by its permanent code. `what` is the first sentence of the reference page; the
 * text of one error says what happened, why, and what to do. Errors of the database stay what they are.
 */
export const SESSION_ERRORS = {
  EC_REFUSED: {
    what: 'A statement was not sent, because it would have let the two sides of a migration part.',
  },
  EC_CATALOG: {
    what: 'The columns of the migrating tables could not be read, so a statement that names one was not sent.',
  },
  EC_VOLATILE_FUNCTION: {
    what: 'A mapping calls a function that the database declares VOLATILE, so a statement that names the table was not sent.',
  },
  EC_PARSER: { what: 'The SQL parser could not be loaded, so no statement on a migrating table can be sent.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type SessionErrorCode = keyof typeof SESSION_ERRORS
