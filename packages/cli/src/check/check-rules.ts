/** What `check` finds, by its permanent code. A finding may be graver than its rule where the migration is declared. */
export const CHECK_RULES = {
  EC_DROP_BEFORE_SOAK: {
    level: 'error',
    what: 'A file drops the old column, or its table, before the migration is through.',
    why: 'Processes that still read the column fail at once, and only a backup brings it back.',
  },
  EC_TWO_STAGES: {
    level: 'error',
    what: 'One change begins a migration and takes the old column away.',
    why: 'While it is deployed, processes of the version before are still there, and they know the old column alone.',
  },
  EC_CHANGE_WHILE_MIGRATING: {
    level: 'error',
    what: 'A file renames, retypes or drops a column, or the table, of a migration that runs.',
    why: 'The sync trigger and every annotated process name the column, and fail with it.',
  },
  EC_ANNOTATION_REMOVED: {
    level: 'error',
    what: 'A declaration is gone whose migration has not ended.',
    why: 'Without it the application writes one column alone; the sync trigger is then all that keeps the other in step.',
  },
  EC_DECLARATION_CHANGED: {
    level: 'error',
    what: 'A declaration maps otherwise than the one that its migration was begun with.',
    why: 'Rows that are filled already were computed by the mapping of before.',
  },
  EC_SCHEMA_WOULD_DROP: {
    level: 'error',
    what: "An ORM's migration tool would drop a column of a migration that runs.",
    why: 'It compares its schema with the database, and takes a column that it does not know for one to drop.',
  },
  EC_HAND_MADE_COLUMN: {
    level: 'warning',
    what: 'A file adds the new column of a declared migration without its sync trigger.',
    why: 'Rows that others write between the column and the trigger stay out of step, without an error.',
  },
  EC_ONE_STEP_RENAME: {
    level: 'warning',
    what: 'A file renames a column or a table in one step.',
    why: 'Processes of the version before fail at once, those of the new version until it has run.',
  },
  EC_ONE_STEP_RETYPE: {
    level: 'warning',
    what: 'A file changes the type of a column in one step.',
    why: 'Most changes of a type rewrite the table under ACCESS EXCLUSIVE, and there is no way back.',
  },
  EC_ONE_STEP_DROP: {
    level: 'warning',
    what: 'A file drops a column in one step.',
    why: 'Processes of the version before still name it, and only a backup brings it back.',
  },
  EC_UNREADABLE: {
    level: 'warning',
    what: 'A statement that changes a schema could not be read.',
    why: 'What it does to columns of a migration is not known.',
  },
  EC_IGNORE: {
    level: 'error',
    what: 'A comment ignores without naming a rule and a reason.',
    why: 'Who reads it later has to know what was meant.',
  },
  EC_IGNORE_UNUSED: {
    level: 'warning',
    what: 'A comment ignores a rule that finds nothing there.',
    why: 'It would hide the next finding.',
  },
} as const satisfies Readonly<
  Record<`EC_${string}`, { readonly level: 'error' | 'warning'; readonly what: string; readonly why: string }>
>

export type CheckRule = keyof typeof CHECK_RULES
