import * as v from 'valibot'

export type AnySchema = v.GenericSchema

/** A schema of valibot, as far as a page tells of it. */
interface Shown {
  readonly type: string
  readonly wrapped?: AnySchema
  readonly item?: AnySchema
  readonly items?: readonly AnySchema[]
  readonly entries?: Readonly<Record<string, AnySchema>>
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly pipe?: readonly unknown[]
}

const shown = (schema: AnySchema): Shown => schema as unknown as Shown

/** The schema within what makes it optional, nullable or many, and within a pipe. */
function inner(schema: AnySchema): AnySchema {
  const { wrapped, item } = shown(schema)
  const next = wrapped ?? item
  return next === undefined ? schema : inner(next)
}

/** The fields of an object, also of one that is optional or in a list. */
export const entriesOf = (schema: AnySchema): readonly (readonly [string, AnySchema])[] =>
  Object.entries(shown(inner(schema)).entries ?? {})

/** What a schema says of itself, or what is within it. */
export function descriptionOf(schema: AnySchema): string {
  const { wrapped } = shown(schema)
  return v.getDescription(schema as never) ?? (wrapped === undefined ? '' : descriptionOf(wrapped))
}

const quoted = (value: unknown): string => `\`${JSON.stringify(value)}\``

const TEXTS: Readonly<Record<string, (schema: Shown) => string>> = {
  optional: ({ wrapped }) => `${wrapped === undefined ? '' : typeText(wrapped)}, or not there`,
  nullable: ({ wrapped }) => `${wrapped === undefined ? '' : typeText(wrapped)}, or null`,
  array: ({ item }) => `list of: ${item === undefined ? '' : typeText(item)}`,
  tuple: ({ items = [] }) => `[${items.map(typeText).join(', ')}]`,
  picklist: ({ options = [] }) => options.map(quoted).join(', '),
  literal: ({ literal }) => quoted(literal),
  record: () => 'object',
  unknown: () => 'anything',
}

export function typeText(schema: AnySchema): string {
  const it = shown(schema)
  return TEXTS[it.type]?.(it) ?? it.type
}
