/** Every error that this package can raise besides those of `@expand-contract/pg`, by its permanent code. */
export const PGLITE_ERRORS = {
  EC_PGLITE: {
    what: 'What was handed to `instrumentedPGlite` is not an instance of PGlite that it can be built on.',
  },
  EC_PGLITE_PROTOCOL: {
    what: 'A message of the wire protocol that would run a statement was handed to `execProtocol` or one of its kin, where it cannot be planned.',
  },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type PGliteErrorCode = keyof typeof PGLITE_ERRORS
