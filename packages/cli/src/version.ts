/** That of every package; `release:version` writes it. */
export const VERSION = '0.0.0'
