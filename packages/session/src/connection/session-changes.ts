import type { StatementFacts } from '../text/statement-facts.ts'

/**
 * What the statements that were answered may have changed of the session: told by the server's command tags, which are
 * exact, where SQL text only hints. What a function or DO block does inside is taken as a change where it can be, and
 * is otherwise seen when the lease is over.
 */
export class SessionChanges {
  /** The search path may be another. */
  path = false
  /** The catalog may be another. */
  catalog = false
  /** A transaction was committed; another may be open. */
  committed = false
  /** A transaction was rolled back, or a part of it. */
  undone = false

  /** The server has completed one statement of a text that was sent. */
  completed(tag: string, sent: Pick<StatementFacts, 'mayChangePath' | 'makesTable' | 'callsSetConfig'>): void {
    switch (tag.charCodeAt(0)) {
      case 83: // SELECT, SET, SAVEPOINT, START TRANSACTION
        if (tag === 'SET') this.path ||= sent.mayChangePath
        else if (tag.startsWith('SELECT')) {
          if (sent.makesTable) this.catalog = true
          else if (sent.callsSetConfig) this.path = true
        }
        break
      case 82: // RESET, ROLLBACK, RELEASE, REVOKE, REFRESH MATERIALIZED VIEW
        if (tag === 'RESET') this.path = true
        else if (tag === 'ROLLBACK') this.undone = true
        break
      case 68: // DROP, DISCARD, DO, DELETE, DEALLOCATE, DECLARE CURSOR
        if (tag.startsWith('DISCARD')) this.path = true
        else if (tag.startsWith('DROP') || tag === 'DO') this.catalog = true
        break
      case 67: // CREATE, CALL, COMMIT, COPY, CLOSE, COMMENT
        if (tag.startsWith('CREATE') || tag === 'CALL') this.catalog = true
        else if (tag === 'COMMIT') this.committed = true
        else if (tag === 'COMMIT PREPARED') this.catalog = true
        break
      case 65: // ALTER, ANALYZE
        if (tag.startsWith('ALTER')) this.catalog = true
    }
  }

  seen(): void {
    this.path = false
    this.catalog = false
    this.committed = false
    this.undone = false
  }
}
