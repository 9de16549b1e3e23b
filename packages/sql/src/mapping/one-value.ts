import { isDuplicableSql } from './duplicable.ts'

/** They tell who asks, so that a function that runs as another role has another value of them. */
const BY_SESSION =
  /\b(?:current_user|session_user|user|current_role|current_catalog|current_schemas?|current_setting|system_user|getpgusername|inet_\w+|has_\w+_privilege|row_security_active)\b/iu

/**
 * True when an expression, such as a default, has the same value throughout a statement, whoever evaluates it: constants, now(),
 * and PostgreSQL's own functions of them. False in doubt. `loadParser` must have been awaited.
 */
export const hasOneValue = (sql: string): boolean =>
  !BY_SESSION.test(sql) && isDuplicableSql(sql, { volatileFunctions: new Set(), atAnyCost: true })
