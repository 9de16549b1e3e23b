/** Every error that this package can raise, by its permanent code; the text of one error has the user's own names. */
export const UNLEASH_ERRORS = {
  EC_UNLEASH_CLIENT: { what: 'What was given as the Unleash client is not one.' },
  EC_UNLEASH_OPTION: { what: 'An option of unleashFlags has a value that it cannot have.' },
  EC_UNLEASH_RANDOM_STICKINESS: { what: 'A flag in use decides by chance, so reads would flap between the columns.' },
} as const satisfies Record<`EC_UNLEASH_${string}`, { readonly what: string }>

export type UnleashErrorCode = keyof typeof UNLEASH_ERRORS
