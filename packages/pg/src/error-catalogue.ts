/**
 * Every error that this package can raise, by its permanent code. `what` is the first sentence of the reference page; the
 * text of one error says what happened, why, and what to do. Errors of the database stay what they are.
 */
export const PG_ERRORS = {
  EC_DRIVER: { what: 'The pg module that was given is not one that statements can be rewritten for.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type PgErrorCode = keyof typeof PG_ERRORS
