import { quoteIdentifier } from '@expand-contract/core'
import { type Hazard, listed } from '../hazard.ts'
import type { ConstraintFacts, MemberDetails, TableDoctorFacts } from '../table-facts.ts'
import { oldNames, subjectOf } from './subject.ts'

type TableHazard = Hazard<TableDoctorFacts>

const membersWhere = (
  { surroundings }: TableDoctorFacts,
  is: (member: MemberDetails) => boolean,
): readonly MemberDetails[] => (surroundings?.members ?? []).filter(is)

/** A vacuum against wraparound begins at the limit; from this share of it on it may begin while a migration runs. */
const NEAR = 0.8

const wraparound: TableHazard = {
  code: 'D15',
  title: 'A vacuum against wraparound runs, or is near',
  level: 'warning',
  stops: 'expand',
  find(facts) {
    const running = facts.surroundings?.wraparound ?? []
    return membersWhere(facts, ({ age, freezeMaxAge }) => age !== null && age >= NEAR * freezeMaxAge).map(
      ({ relation, age, freezeMaxAge }) => ({
        subject: relation,
        what:
          running.length > 0
            ? `pid ${running.join(', ')} vacuums ${relation} to prevent wraparound`
            : `${relation} is ${age} transactions old, and is vacuumed by force at ${freezeMaxAge}`,
        why: 'Such a vacuum does not yield to DDL, as others do: expand waits until it has ended.',
        remedy: `VACUUM (FREEZE) ${relation};`,
      }),
    )
  },
}

const privileges: TableHazard = {
  code: 'D17',
  title: 'The role may not read or fill the rows',
  level: 'error',
  stops: 'backfill',
  find: (facts) =>
    membersWhere(facts, ({ maySelect, mayUpdate, kind }) => kind !== 'f' && !(maySelect && mayUpdate)).map(
      ({ relation }) => ({
        subject: relation,
        what: `the role ${facts.facts.server.role} may not read and update ${relation}`,
        why: 'The backfill writes its rows, and verify reads them.',
        remedy: `GRANT SELECT, UPDATE ON ${relation} TO ${quoteIdentifier(facts.facts.server.role)};`,
      }),
    ),
}

const columnOrder: TableHazard = {
  code: 'D45',
  title: 'A partition has its columns in another order',
  level: 'warning',
  stops: undefined,
  find(facts) {
    const [root, ...others] = facts.surroundings?.members ?? []
    if (root === undefined) return []
    const own = (member: MemberDetails): string =>
      member.columns.filter((name) => root.columns.includes(name)).join('\n')
    return others
      .filter((member) => own(member) !== own(root))
      .map(({ relation, columns }) => ({
        subject: relation,
        what: `${relation} has its columns in another order than ${subjectOf(facts)}`,
        why: 'COPY and INSERT into it without a list of columns mean others than in the table, and a row that is copied by position goes wrong.',
        remedy: `Name the columns wherever it is written by itself; or make it anew: CREATE TABLE ... (LIKE ${subjectOf(facts)} INCLUDING ALL); its order is ${columns.map(quoteIdentifier).join(', ')}.`,
      }))
  },
}

const alike: TableHazard = {
  code: 'D46',
  title: 'Another table has the same columns: a staging table, or a partition that was detached',
  level: 'warning',
  stops: undefined,
  find(facts) {
    const added = facts.migration.new.map(({ name }) => name)
    const missing = added.filter((name) => !facts.surroundings?.members[0]?.columns.includes(name))
    return (facts.surroundings?.alike ?? []).map((name) => ({
      subject: name,
      what: `${name} has the columns of ${subjectOf(facts)}, and is no part of it`,
      why: 'With one more in the table, rows that are moved between the two by position go wrong, and it cannot be attached; no sync trigger is on it.',
      remedy:
        missing.length === 0
          ? `It needs no column; where it is to be attached, fill ${listed(added)} in it first. Rows that it is loaded from: name the columns.`
          : `Name the columns wherever rows are moved (INSERT INTO ... (${(facts.surroundings?.members[0]?.columns ?? []).map(quoteIdentifier).join(', ')}) SELECT ...), and add ${listed(missing)} to it before it is attached.`,
    }))
  },
}

const columnGrants: TableHazard = {
  code: 'D47',
  title: 'A role may write the old column, and not the table',
  level: 'error',
  stops: 'expand',
  find(facts) {
    const { expanded, surroundings, migration } = facts
    // `expand` grants them on the new column; a mapping of several old columns reads those that the statement leaves alone, too.
    const missing = expanded || migration.old.length > 1
    const open = (surroundings?.columnGrants ?? []).filter(
      ({ onNew, readsAll }) => missing && !onNew && (expanded || !readsAll),
    )
    const roles = [...new Set(open.map(({ role }) => role))]
    return roles.map((role) => {
      const privileges = open.filter((each) => each.role === role).map(({ privilege }) => privilege)
      const added = migration.new.map(({ name }) => quoteIdentifier(name)).join(', ')
      const what = expanded ? privileges.map((privilege) => `${privilege} (${added})`) : privileges
      return {
        subject: `role ${role}`,
        what: `${role} has ${privileges.join(', ')} on ${oldNames(facts)} alone, not on ${subjectOf(facts)}`,
        why: 'Both columns are written from expand on: each of its statements would fail with 42501.',
        remedy: `GRANT ${what.join(', ')} ON ${subjectOf(facts)} TO ${role};`,
      }
    })
  },
}

const rowSecurity: TableHazard = {
  code: 'D48',
  title: 'Row security hides rows from the role',
  level: 'error',
  stops: 'backfill',
  overridable: true,
  find: (facts) =>
    membersWhere(facts, (member) => member.rowSecurity).map(({ relation }) => ({
      subject: relation,
      what: `row security of ${relation} holds for the role ${facts.facts.server.role} as well`,
      why: 'The backfill would leave out what is hidden, and verify would call it clean; both raise instead.',
      remedy: `ALTER ROLE ${quoteIdentifier(facts.facts.server.role)} BYPASSRLS; -- or: ALTER TABLE ${relation} NO FORCE ROW LEVEL SECURITY;`,
    })),
}

const publicationList: TableHazard = {
  code: 'D49',
  title: 'A publication lists columns, and not the new one',
  level: 'warning',
  stops: 'contract',
  find(facts) {
    const added = facts.migration.new.map(({ name }) => name)
    return (facts.surroundings?.listed ?? [])
      .filter(({ columns }) => !added.every((name) => columns.includes(name)))
      .map(({ publication, columns }) => {
        const name = quoteIdentifier(publication)
        const list = [...new Set([...columns, ...added])].map(quoteIdentifier).join(', ')
        const table = subjectOf(facts)
        return {
          subject: `publication ${publication}`,
          what: `publication ${publication} has a list of columns without ${listed(added)}`,
          why: 'Its subscribers go on with the old column, which contract stops writing, and cannot be dropped while it is listed.',
          remedy: `${facts.expanded ? '' : '-- after expand, and once the subscribers have the column:\n'}ALTER PUBLICATION ${name} DROP TABLE ${table};\nALTER PUBLICATION ${name} ADD TABLE ${table} (${list});`,
        }
      })
  },
}

const subscribed: TableHazard = {
  code: 'D50',
  title: 'The table is filled by a subscription',
  level: 'warning',
  stops: 'contract',
  find: (facts) =>
    (facts.surroundings?.subscriptions ?? []).map((name) => ({
      subject: `subscription ${name}`,
      what: `subscription ${name} writes ${subjectOf(facts)}`,
      why: 'It writes the columns that the publisher has: the sync trigger keeps the new one in step, and without the old one it stops.',
      remedy: `-- before contract, when the publisher has migrated as well, or the table is to be filled here:\nALTER SUBSCRIPTION ${quoteIdentifier(name)} DISABLE;\nALTER SUBSCRIPTION ${quoteIdentifier(name)} SET (slot_name = NONE);\nDROP SUBSCRIPTION ${quoteIdentifier(name)};`,
    })),
}

const unkeyed: TableHazard = {
  code: 'D56',
  title: 'The table has no unique key over columns that are NOT NULL',
  level: 'warning',
  stops: undefined,
  find: (facts) =>
    membersWhere(facts, ({ keyed, kind }) => !keyed && kind === 'r').map(({ relation }) => ({
      subject: relation,
      what: `${relation} has no unique key over columns that are NOT NULL`,
      why: 'The backup before drop tells rows by such a key. Without one it tells them by all that they hold: once a row is changed, nothing tells which it was, and where the mapping loses something, a restore need not have its exact old value.',
      remedy: `ALTER TABLE ${relation} ADD COLUMN row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY; -- writes the table anew; better a key that it has already`,
    })),
}

const deferrability: TableHazard = {
  code: 'D57',
  title: 'A constraint of the old column is checked at another time than its counterpart',
  level: 'warning',
  stops: 'switch',
  find(facts) {
    const { migration, surroundings } = facts
    const [old, added] = [migration.old, migration.new].map((side) => side.map(({ name }) => name))
    const counterparts = new Map((old ?? []).map((name, index) => [name, added?.[index] ?? name]))
    if (old?.length !== added?.length) return []
    const keyOf = ({ kind, columns, relation }: ConstraintFacts, map: (name: string) => string): string =>
      [kind === 'p' ? 'u' : kind, relation, ...columns.map(map)].join('\n')
    const all = surroundings?.constraints ?? []
    return all.flatMap((constraint) => {
      const { name, kind, columns, deferrable, deferred, relation } = constraint
      if (kind === 'c' || !columns.some((column) => counterparts.has(column))) return []
      const wanted = keyOf(constraint, (column) => counterparts.get(column) ?? column)
      const other = all.find((each) => each !== constraint && keyOf(each, (column) => column) === wanted)
      if (other === undefined || (other.deferrable === deferrable && other.deferred === deferred)) return []
      const when = deferrable ? ` DEFERRABLE INITIALLY ${deferred ? 'DEFERRED' : 'IMMEDIATE'}` : ' NOT DEFERRABLE'
      const again = quoteIdentifier(other.name)
      const unique = `ALTER TABLE ${relation} DROP CONSTRAINT ${again}, ADD CONSTRAINT ${again} UNIQUE (${other.columns.map(quoteIdentifier).join(', ')})${when};`
      return [
        {
          subject: `constraint ${other.name} of ${relation}`,
          what: `constraint ${name} of ${relation} is${deferrable ? '' : ' not'} DEFERRABLE, and its counterpart ${other.name} ${deferrable === other.deferrable ? 'begins otherwise' : `is${other.deferrable ? '' : ' not'}`}`,
          why: 'A transaction that passes on the one column fails on the other, or passes where it should not; and ON CONFLICT takes no deferrable one.',
          remedy: kind === 'f' ? `ALTER TABLE ${relation} ALTER CONSTRAINT ${again}${when};` : unique,
        },
      ]
    })
  },
}

const unlogged: TableHazard = {
  code: 'D59',
  title: 'The table is UNLOGGED',
  level: 'warning',
  stops: undefined,
  find: (facts) =>
    membersWhere(facts, ({ persistence }) => persistence === 'u').map(({ relation }) => ({
      subject: relation,
      what: `${relation} is UNLOGGED`,
      why: 'A crash of the server empties it, and replicas have nothing of it: what is recorded of its backfill and verification then says nothing.',
      remedy: `ALTER TABLE ${relation} SET LOGGED;`,
    })),
}

const namesakes: TableHazard = {
  code: 'D62',
  title: 'Several schemas have a table of this name, and the declaration names none',
  level: 'warning',
  stops: undefined,
  find(facts) {
    const others = facts.surroundings?.namesakes ?? []
    if (others.length === 0 || facts.migration.table.schema !== undefined) return []
    return [
      {
        subject: subjectOf(facts),
        what: `there is a table ${facts.migration.table.name} in ${listed(others)} as well as ${subjectOf(facts)}`,
        why: 'Which one is meant says the search path of each connection: the application and this program may mean different ones.',
        remedy: `Declare it with its schema: table: '${facts.table?.schema}.${facts.table?.name}'.`,
      },
    ]
  },
}

/** The table and its members, by the catalog alone. */
export const TABLE_HAZARDS: readonly TableHazard[] = [
  ...[wraparound, privileges, columnOrder, alike, columnGrants, rowSecurity, publicationList, subscribed],
  ...[unkeyed, deferrability, unlogged, namesakes],
]
