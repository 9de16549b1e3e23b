import type { Migration } from '@expand-contract/core'

/** `users.name -> users.full_name` */
export function columnsText({ table, old, new: added }: Migration): string {
  const at = table.schema === undefined ? table.name : `${table.schema}.${table.name}`
  const columns = (side: Migration['old']): string => side.map(({ name }) => `${at}.${name}`).join(', ')
  return `${columns(old)} -> ${columns(added)}`
}

/** What kind of change it is: `rename`, `change`, `split`, `merge`. */
export function kindText({ old, new: added, forward }: Migration): string {
  if (old.length > 1) return 'merge'
  if (added.length > 1) return 'split'
  const identity = Object.values(forward).every(({ kind }) => kind === 'column')
  return identity && (old[0]?.type ?? added[0]?.type) === added[0]?.type ? 'rename' : 'change'
}
