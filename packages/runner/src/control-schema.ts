export interface ControlPlace {
  /** The control schema. @defaultValue 'expand_contract' */
  readonly controlSchema?: string
}
