/** Every error that this package can raise besides those of `@expand-contract/pg`, by its permanent code. */
export const POSTGRES_JS_ERRORS = {
  EC_POSTGRES_JS: {
    what: 'What was handed to `instrumentedSql` is not an instance of postgres() that it can be built on.',
  },
  EC_POSTGRES_JS_FILE: {
    what: '`sql.file` was called: its text is read within the driver, where it cannot be planned.',
  },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type PostgresJsErrorCode = keyof typeof POSTGRES_JS_ERRORS
