import { EVENTS } from './events.ts'
import { FINDS } from './finds.ts'
import { NATURAL_KEYS } from './natural-keys.ts'
import { QUERY_BUILDER } from './query-builder.ts'
import { QUERY_BUILDER_WRITES } from './query-builder-writes.ts'
import { RAW_QUERIES } from './raw-queries.ts'
import { REPOSITORY_WRITES } from './repository-writes.ts'
import type { Step } from './step.ts'
import { TRANSACTIONS } from './transactions.ts'
import { TREES } from './trees.ts'

/** In the order in which they are played; each finds what those before it have left. */
export const ALL_STEPS: readonly Step[] = [
  ...REPOSITORY_WRITES,
  ...FINDS,
  ...QUERY_BUILDER,
  ...TREES,
  ...NATURAL_KEYS,
  ...QUERY_BUILDER_WRITES,
  ...TRANSACTIONS,
  ...RAW_QUERIES,
  ...EVENTS,
]
