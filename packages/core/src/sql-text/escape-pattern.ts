/** A text as a pattern that matches it and nothing else, for a RegExp with the flag `u`. (`RegExp.escape` came with Node 24.) */
export const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
