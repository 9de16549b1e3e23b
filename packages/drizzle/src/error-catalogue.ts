/**
 * Every error that this package can raise, by its permanent code. `what` is the first sentence of the reference page; the
 * text of one error says what happened, why, and what to do.
 */
export const DRIZZLE_ERRORS = {
  EC_DRIZZLE_BUILDER: { what: 'What was given as a migrating column is not a column of drizzle-orm/pg-core.' },
  EC_DRIZZLE_COLUMN: { what: 'A migrating column of a Drizzle table cannot migrate as it is declared.' },
  EC_DRIZZLE_KIT: { what: 'drizzle-kit was given the tables of the application, and would have dropped a column.' },
  EC_DRIZZLE_SCHEMA: { what: 'The schema module that was given has no tables.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type DrizzleErrorCode = keyof typeof DRIZZLE_ERRORS
