/** Every error that this package can raise, by its permanent code; the text of one error has the user's own names. */
export const CONTROL_ERRORS = {
  EC_CONTROL_SCHEMA: { what: 'The name of the control schema cannot be one.' },
  EC_CONTROL_INSTALL: { what: 'The control schema could not be installed.' },
  EC_CONTROL_MISSING: { what: 'The control schema, or a part of it, is not installed in this database.' },
  EC_CONTROL_NEWER: { what: 'The control schema is of a newer version that this one must not use.' },
  EC_CONTROL_PRIVILEGE: { what: 'The role may not read or write the control schema.' },
  EC_CONTROL_TRANSITION: { what: 'An operation is not legal in the phase of the migration.' },
  EC_CONTROL_MOVED: {
    what: 'A migration is not in the phase, the epoch or the lease any more that a change of it relied on.',
  },
  EC_CONTROL_OPTION: { what: 'An option of joinFleet has a value that it cannot have.' },
} as const satisfies Record<`EC_CONTROL_${string}`, { readonly what: string }>

export type ControlErrorCode = keyof typeof CONTROL_ERRORS
