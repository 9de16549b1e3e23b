/**
 * Every error that this package can raise, by its permanent code. `what` is the first sentence of the reference page; the text of
 * one error says what happened, why, and what to do. Errors of the database stay what they are, and are the cause.
 */
export const RUNNER_ERRORS = {
  EC_LOCK_NOT_GRANTED: {
    what: 'A table was not free for long enough in any of the tries to change it; nothing was changed.',
  },
  EC_TABLE_MISSING: { what: 'The table of a migration is not on the search path of the connection, or is no table.' },
  EC_COLUMN_MISSING: { what: 'An old column of a migration is not in its table.' },
  EC_COLUMN_TYPE: { what: 'A column of a migration has another type or collation than the declaration says.' },
  EC_NO_TYPE: {
    what: 'The type of a new column is not declared, and no column tells it; or the database has none of the name.',
  },
  EC_GENERATED_COLUMN: {
    what: 'A column of a migration is computed by PostgreSQL, so no trigger can keep it in step.',
  },
  EC_PARTITION_KEY: { what: 'An old column of a migration is in a partition key, so it can never be dropped.' },
  EC_NOT_ROOT: { what: 'A migration is declared for a partition, or for a column that comes from a parent table.' },
  EC_COLUMN_IN_USE: { what: 'A new column is there already, with values of something else.' },
  EC_NEW_DEFAULT: { what: 'A new column has a default or NOT NULL before it is filled.' },
  EC_PRIVILEGE: { what: 'The role may not do what an operation needs.' },
  EC_STANDBY: { what: 'The connection leads to a standby, which cannot be changed.' },
  EC_TOO_MANY_COLUMNS: {
    what: 'A table has no room for the new columns: PostgreSQL allows 1,600, dropped ones included.',
  },
  EC_PUBLICATION: {
    what: 'A table is published without a list of columns, so a subscriber that lacks the new column would stop.',
  },
  EC_REWRITE: { what: 'Adding the column would write the whole table anew, while nobody can use it.' },
  EC_TRIGGER_ORDER: { what: "A trigger of the user's that works on a migrating column runs after the sync trigger." },
  EC_ROLLBACK_PHASE: {
    what: 'A migration is in a phase from which dropping the new columns would lose what was written.',
  },
  EC_ROLLBACK_DEPENDS: {
    what: 'Something that nothing here has made depends on a new column, so it cannot be dropped.',
  },
  EC_NOT_INSTALLED: { what: 'What an operation has created is not what it was to create.' },
  EC_PARITY_NOT_REACHED: { what: 'What was built for a new column is not what the old one has.' },
  EC_MAPPING_FAILS: { what: 'PostgreSQL does not accept a mapping in the function of the sync trigger.' },
  EC_BACKFILL_NOT_EXPANDED: { what: 'A migration is not in a phase in which rows can be filled or compared.' },
  EC_BACKFILL_TRIGGERS: { what: 'Triggers or rules of the application would run for every row that is filled.' },
  EC_SYNC_TRIGGER: { what: 'The sync trigger of a migration is not there, or not ENABLE ALWAYS.' },
  EC_DECLARATION_CHANGED: { what: 'A migration is declared otherwise than when it was begun.' },
  EC_NOT_ACKNOWLEDGED: { what: 'Processes of the application do not follow the phase that is recorded yet.' },
  EC_NOT_REPLAYED: { what: 'Replicas have not replayed the phase that is recorded yet.' },
  EC_REPLICAS_HIDDEN: { what: 'The role may not see how far the replicas of a server have come.' },
  EC_CONTRACT_DEFAULT: { what: 'The default of an old column cannot become that of the new columns.' },
  EC_CONTRACT_IDENTITY: { what: 'The identity of an old column cannot move to the new columns.' },
  EC_NOT_NULL_LOST: { what: 'An old column has rows without a value, so it cannot be NOT NULL again.' },
  EC_DROPPED: { what: 'The old column of a migration was dropped, so that only a backup brings it back.' },
  EC_BACKUP_KEY: {
    what: 'A table has no key by which rows are found again that a command of the operator gives back, or rows in other tables for which no key of it holds.',
  },
  EC_BACKUP_EXISTS: { what: 'The file that a backup was to be written to is there already.' },
  EC_BACKUP_FOLDER: { what: 'A backup cannot be written where it was to be; nothing was begun.' },
  EC_BACKUP_FILE: { what: 'The file of a backup could not be written to its end; none was left.' },
  EC_BACKUP_DAMAGED: { what: 'A backup is not what was written, or is none.' },
  EC_BACKUP_OTHER: { what: 'A backup is of another migration, table or database, or is not one that counts.' },
  EC_BACKUP_ROWS: { what: 'What a command of the operator has given back are not the rows that were asked for.' },
  EC_BACKUP_NODE: { what: 'This version of Node cannot read or write the compression of backups.' },
  EC_RESTORE_KEY: { what: 'Columns by which a backup tells rows apart are not in the table any more.' },
  EC_RESTORE_UNFINISHED: { what: 'The old column was brought back, and not all of its values yet.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type RunnerErrorCode = keyof typeof RUNNER_ERRORS
