/** Options that every command has. */
export interface Globals {
  readonly config?: string | undefined
  readonly url?: string | undefined
  readonly envFile?: string | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  readonly color?: boolean | undefined
  readonly yes?: boolean | undefined
  readonly input?: boolean | undefined
}
