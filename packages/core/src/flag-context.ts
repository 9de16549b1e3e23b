/**
 * What a flag is evaluated for. `userId`, `sessionId` and `remoteAddress` have their usual meaning; every other property is
 * handed to the flag system's constraints and stickiness as it is.
 */
export interface FlagContext {
  readonly userId?: string
  readonly sessionId?: string
  readonly remoteAddress?: string
  readonly [property: string]: string | number | boolean | Date | undefined
}
