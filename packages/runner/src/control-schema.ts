/** Where the control schema is, unless somebody says otherwise. */
export const CONTROL_SCHEMA = 'expand_contract'

export interface ControlPlace {
  /** The control schema. @defaultValue 'expand_contract' */
  readonly controlSchema?: string
}
