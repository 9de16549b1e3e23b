/** Who does something, for the timeline. */
export interface Operator {
  /** Such as `dana@ops-2`. */
  readonly who: string
  readonly host?: string | undefined
  /** Of expand-contract. */
  readonly version?: string | undefined
}
