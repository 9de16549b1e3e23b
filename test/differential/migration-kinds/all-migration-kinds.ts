import { booleanToText, centsToNumeric, merge, mergeDefault, split } from './computed.ts'
import type { MigrationKind } from './migration-kind.ts'
import {
  awkward,
  defaulted,
  enumToText,
  partitioned,
  qualified,
  quoted,
  renameSame,
  renameToText,
  required,
  twoAtOnce,
  unique,
  volatileDefault,
  wideKey,
  widen,
} from './one-to-one.ts'

/** One schema each; together they are every shape of migration that can be declared. */
export const MIGRATION_KINDS: readonly MigrationKind[] = [
  renameToText,
  renameSame,
  required,
  defaulted,
  volatileDefault,
  unique,
  quoted,
  awkward,
  qualified,
  partitioned,
  widen,
  wideKey,
  centsToNumeric,
  booleanToText,
  enumToText,
  split,
  merge,
  mergeDefault,
  twoAtOnce,
]
