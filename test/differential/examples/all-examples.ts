import type { Example } from '../example.ts'
import { errors, names } from './errors-and-names.ts'
import { hostile } from './hostile-text.ts'
import { drizzle, knex, kysely, mikroOrm, prisma, sequelize, typeorm } from './orm-shapes.ts'
import { others } from './other-statements.ts'
import { groups } from './reads-group.ts'
import { joins } from './reads-join.ts'
import { kinds } from './reads-kinds.ts'
import { queries } from './reads-query.ts'
import { selectLists, stars, wheres } from './reads-select.ts'
import { values } from './reads-values.ts'
import { conflicts } from './writes-conflict.ts'
import { deletes, merges } from './writes-delete-merge.ts'
import { inserts } from './writes-insert.ts'
import { parameters, returnings, volatiles } from './writes-returning.ts'
import { types } from './writes-types.ts'
import { updates } from './writes-update.ts'

export const EXAMPLES: readonly Example[] = [
  ...[...selectLists, ...stars, ...wheres, ...joins, ...groups, ...queries, ...values, ...kinds],
  ...[
    ...inserts,
    ...conflicts,
    ...updates,
    ...types,
    ...deletes,
    ...merges,
    ...returnings,
    ...volatiles,
    ...parameters,
  ],
  ...[...others, ...errors, ...names, ...hostile],
  ...[...typeorm, ...drizzle, ...kysely, ...prisma, ...knex, ...mikroOrm, ...sequelize],
]
