import { dollarQuoted } from './sync-function.ts'
import { literal, qualified } from './sync-names.ts'

/** By this the statement below says that it found something else; no error of PostgreSQL has it. */
export const MOVED_ON = 'EC001'

/**
 * Raises where a migration is not in `off` any more, or has been away from it since. A rollback waits for processes, maybe for long; if its lease was lost
 * meanwhile, another operator may have begun the migration anew, and its columns and its trigger are not to be taken away. The row stays
 * locked until the transaction ends. Without a row, nobody has recorded anything.
 */
export function stillOff(migration: string, controlSchema: string, epoch: number | undefined): string {
  const row = `from ${qualified(controlSchema, 'migrations')} m where m.id = ${literal(migration)}`
  const changed = epoch === undefined ? '' : ` or m.epoch <> ${epoch}`
  return `DO ${dollarQuoted(`begin
  perform ${row} for share;
  if exists (select ${row} and (m.phase <> 'off'${changed})) then
    raise exception using errcode = '${MOVED_ON}', message = 'the migration is not in off any more';
  end if; end`)}`
}
