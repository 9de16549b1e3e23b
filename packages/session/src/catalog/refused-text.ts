import type { Migration } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'

export interface TextRefusal {
  readonly command: string
  readonly code: string
  readonly message: string
  readonly migrations: readonly Migration[]
}

/** A text that is refused before it is planned. */
export function refusedText(text: string, { command, code, message, migrations }: TextRefusal): Plan {
  return {
    outcome: 'refused',
    text,
    command,
    reads: {},
    touches: [],
    reasons: migrations.map(({ id }) => ({ migration: id, code, message, position: undefined })),
    mapPosition: (position) => position,
  }
}
