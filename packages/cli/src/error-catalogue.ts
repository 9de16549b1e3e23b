/** Every error that this package can raise, by its permanent code; the text of one error has the user's own names. */
export const CLI_ERRORS = {
  EC_CONFIG: { what: 'There is no configuration file, or it is not one.' },
  EC_CONFIG_LOAD: { what: 'A module that the configuration names could not be loaded.' },
  EC_DECLARATIONS: {
    what: 'What the configuration names declares no migration, or declares two that cannot be together.',
  },
  EC_NO_SUCH_MIGRATION: { what: 'No migration of this id is declared.' },
  EC_CONNECTION: { what: 'There is no connection to the database.' },
  EC_CONNECTION_LOST: {
    what: 'The connection was lost while a command ran: the server went down, or somebody has ended the session. Run again, the command goes on where it stood.',
  },
  EC_CONSENT: { what: 'What would be changed was not confirmed.' },
  EC_BACKUP_COMMAND: { what: 'A command that the operator has given for a backup has failed.' },
  EC_BACKUP_TIMEOUT: { what: 'A command that the operator has given for a backup took too long, and was ended.' },
  EC_OPERATOR: { what: 'Another operator works at the migration.' },
  EC_NOT_BEGUN: { what: 'A command needs an earlier one that was not run for this migration.' },
  EC_GATE: { what: 'A gate of the step is not met; nothing was changed. The answer says which, and what opens it.' },
  EC_RUNBOOK: {
    what: 'The file of a runbook is there, and is none, or that of another migration; nothing was written.',
  },
  EC_CHECK_BASE: { what: 'What a change is to be compared with is not known to git.' },
  EC_DOCTOR: { what: 'doctor has found what would make the step fail, or statements of the application beside it.' },
  EC_NODE: { what: 'This version of Node is older than what the command line needs.' },
  EC_USAGE: { what: 'The command line is not one that this program knows.' },
} as const satisfies Record<`EC_${string}`, { readonly what: string }>

export type CliErrorCode = keyof typeof CLI_ERRORS
