import type { DatabaseFacts } from '../database.ts'

/** `shop_production at db-1.internal (primary), PostgreSQL 18.1` */
export const databaseText = ({ name, host, standby, version }: DatabaseFacts): string =>
  `${name} at ${host} (${standby ? 'standby' : 'primary'}), PostgreSQL ${version}`
