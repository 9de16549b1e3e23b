/** A parameter of a query of ours as PostgreSQL reads it: no serializer of the application, nor of its driver, has a part in it. */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return String(value)
  const items = value.map((item) => (item === null ? 'NULL' : `"${String(item).replaceAll(/["\\]/gu, '\\$&')}"`))
  return `{${items.join()}}`
}
