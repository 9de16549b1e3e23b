import { typeormIsSince } from '../typeorm-version.ts'
import { EVENTS } from './events.ts'
import { EXPRESSIONS } from './expressions.ts'
import { FIND_OPTIONS } from './find-options.ts'
import { FINDS } from './finds.ts'
import { LINKS } from './links.ts'
import { NATURAL_KEYS } from './natural-keys.ts'
import { OLD_FORMS } from './old-forms.ts'
import { QUERY_BUILDER } from './query-builder.ts'
import { QUERY_BUILDER_FORMS } from './query-builder-forms.ts'
import { QUERY_BUILDER_WRITES } from './query-builder-writes.ts'
import { QUERY_RUNNERS } from './query-runners.ts'
import { RAW_QUERIES } from './raw-queries.ts'
import { REPOSITORY_WRITES } from './repository-writes.ts'
import { SIDE_BY_SIDE } from './side-by-side.ts'
import { SPECIAL_COLUMNS } from './special-columns.ts'
import type { Step } from './step.ts'
import { TRANSACTIONS } from './transactions.ts'
import { TREES } from './trees.ts'

const EVERY_STEP: readonly Step[] = [
  ...REPOSITORY_WRITES,
  ...FINDS,
  ...FIND_OPTIONS,
  ...QUERY_BUILDER,
  ...TREES,
  ...NATURAL_KEYS,
  ...SPECIAL_COLUMNS,
  ...QUERY_BUILDER_WRITES,
  ...TRANSACTIONS,
  ...QUERY_BUILDER_FORMS,
  ...RAW_QUERIES,
  ...EVENTS,
  ...LINKS,
  ...OLD_FORMS,
  ...EXPRESSIONS,
  ...SIDE_BY_SIDE,
  ...QUERY_RUNNERS,
]

const isThere = ({ since, until }: Step): boolean =>
  (since === undefined || typeormIsSince(since)) && (until === undefined || !typeormIsSince(until))

/** In the order in which they run; each finds what those before it have left. */
export const ALL_STEPS: readonly Step[] = EVERY_STEP.filter(isThere)

/** What this version of TypeORM does not have. */
export const STEPS_OF_OTHER_VERSIONS: readonly Step[] = EVERY_STEP.filter((step) => !isThere(step))
