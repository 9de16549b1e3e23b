/**
 * PostgreSQL's own functions that stand in FROM and whose columns do not depend on what they are given. One column has the
 * name of the function, or of its alias.
 */
export const TABLE_FUNCTIONS: ReadonlyMap<string, readonly string[] | 'one'> = new Map<
  string,
  readonly string[] | 'one'
>([
  ...'generate_series generate_subscripts regexp_split_to_table regexp_matches string_to_table json_object_keys jsonb_object_keys json_array_elements_text jsonb_array_elements_text json_array_elements jsonb_array_elements jsonb_path_query now clock_timestamp random gen_random_uuid pg_backend_pid'
    .split(' ')
    .map((name) => [name, 'one'] as const),
  ...'json_each jsonb_each json_each_text jsonb_each_text'.split(' ').map((name) => [name, ['key', 'value']] as const),
])

/** Those whose one column is called otherwise than they are. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  json_array_elements: 'value',
  jsonb_array_elements: 'value',
  json_array_elements_text: 'value',
  jsonb_array_elements_text: 'value',
}

/** The columns of a function by its name; undefined where they are not known. `alias`: that of the whole item. */
export function tableFunctionColumns(name: string, alias: string | undefined): readonly string[] | undefined {
  const columns = TABLE_FUNCTIONS.get(name)
  return columns === 'one' ? [OWN_NAMES[name] ?? alias ?? name] : columns
}
