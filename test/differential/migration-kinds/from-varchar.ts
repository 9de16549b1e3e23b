/** The kinds of which the old column is a varchar, and the new one takes longer values. */
export const FROM_VARCHAR: readonly string[] = [
  'varchar-to-text',
  'rename-unique',
  'other-schema',
  'partitioned',
  'two-on-one-table',
]
