/** One numbered file of packages/control/sql. */
export interface ControlFile {
  readonly version: number
  /** `create` of `000001-create.sql`. */
  readonly name: string
  /** A library that does not know it must not use the schema any more. */
  readonly breaking: boolean
  /** With `:schema` in place of the schema's name. */
  readonly sql: string
}
