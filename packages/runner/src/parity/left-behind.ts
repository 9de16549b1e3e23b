import { qualified } from '../sql/sync-names.ts'
import { counterpartNames } from './counterpart-names.ts'
import { indexSignature } from './index-sql.ts'
import type { ParityContext } from './parity-context.ts'
import type { ParityIndex, ParityMember } from './parity-facts.ts'

/**
 * Invalid indexes of one member that a build of ours has left behind: a name that it would have chosen, and all that the counterpart would have. Whatever
 * else is invalid is somebody else's.
 */
export function leftoversOf(
  context: ParityContext,
  template: ParityIndex,
  member: ParityMember,
): readonly ParityIndex[] {
  const names = counterpartNames(context.migration, template.name, 'other')
  const signature = indexSignature(context, { ...template, member: member.oid }, 'old')
  const found = context.facts.indexes.filter(
    (each) =>
      each.member === member.oid &&
      !each.valid &&
      each.kind === 'i' &&
      names.includes(each.name) &&
      indexSignature(context, each, 'new') === signature,
  )
  for (const { oid } of found) context.leftovers.add(oid)
  return found
}

/** Invalid indexes of the new columns that are not known to be ours: somebody is still building one, or has failed to. */
export function strayIndexes(context: ParityContext): void {
  for (const { schema, name, oid, member, valid, kind, columns } of context.facts.indexes) {
    if (valid || kind !== 'i' || !context.isNew(columns) || context.leftovers.has(oid)) continue
    context.forPeople.push({
      what: `index ${name}`,
      why: `it is invalid: nothing reads it, and every write of ${context.member(member).name} may pay for it`,
      sql: `DROP INDEX CONCURRENTLY ${qualified(schema, name)};`,
      before: 'switch',
    })
  }
}
