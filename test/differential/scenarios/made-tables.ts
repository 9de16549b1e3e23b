import { changeColumnType, renameColumn } from '@expand-contract/core'
import { type Example, writes } from '../example.ts'
import { FLAG, type Scenario } from './scenario.ts'

const ROWS = "(11, 110, 'p', 'eleven'), (12, null, 'q', null)"
const LOGS = "(1, 'info', 'one'), (11, 'warn', 'eleven')"

/** Tables beside it that were made from it by LIKE at some stage, and filled with what the application knew. */
const staged = (name: string, columns = 'id, a, b, c'): string =>
  `drop table if exists ${name}; create table ${name} (like t); insert into ${name} (${columns}) values ${ROWS}`
const toAttach = (level: string): string =>
  `drop table if exists logs_next; create table logs_next (like logs including defaults); insert into logs_next (id, ${level}, msg) values (21, 'new', 'next')`

const TABLES = `
  create table t (id int not null, a int, b varchar(30), c text);
  insert into t values (1, 10, 'x', 'one'), (2, null, 'y', null), (3, 30, null, 'three');
  create table logs (id int, level text, msg text) partition by range (id);
  create table logs_1 partition of logs for values from (0) to (20);
  insert into logs values ${LOGS};
  ${staged('made_off')}; ${staged('made_both')}; ${staged('made_last')}; ${toAttach('level')}`

const reading = (a: string, level: string): readonly string[] => [
  `select id, ${a}, b, c from t`,
  `select id, ${level}, msg from logs`,
]

function beside(table: string): readonly Example[] {
  return writes(
    `beside ${table}`,
    {},
    {
      'star into the table': `insert into t select * from ${table} returning *`,
      'columns into the table': `insert into t (id, a, c) select id, a, c from ${table} returning *`,
      'star into a list': `insert into t (id, a, b, c) select * from ${table} where a is not null returning id, a`,
      'from the table': {
        sql: [`insert into ${table} select * from t returning *`, `select * from ${table} order by id`],
      },
      'from the table with a list': {
        sql: [`insert into ${table} (c, a, id) select c, a, id from t`, `select id, a, b, c from ${table} order by id`],
      },
      'values without a list': {
        sql: [
          `insert into ${table} values (21, 210, 'r', 's') returning *`,
          `insert into t table ${table} returning *`,
        ],
      },
      'read alone': `select *, ${table}.a + 1 as more from ${table} order by id`,
      'updated alone': {
        sql: [
          `update ${table} set a = id returning *`,
          `insert into t select x.* from ${table} x returning x`.replace('returning x', 'returning a'),
        ],
      },
      'updated from it': `update t set a = x.a, b = x.b from ${table} x where x.id = t.id + 10 returning t.*`,
      'updated from the table': {
        sql: [`update ${table} set a = t.a from t where t.id + 10 = ${table}.id`, `select a from ${table} order by id`],
      },
      'deleted by it': `delete from t using ${table} x where x.id = t.id + 10 and x.a > 10 returning t.*, x.*`,
      'on conflict': `insert into t select * from ${table} on conflict do nothing returning *`,
      joined: `select * from t full join ${table} x on x.id = t.id + 10 order by t.id, x.id`,
      'joined using': `select * from t full join ${table} x using (id, b) order by id`,
      natural: `select * from t natural full join ${table} order by id`,
      except: `select * from ${table} except select * from t`,
      union: `select * from t union all table ${table} order by 1`,
      'as rows': `select x::text, to_json(x)::text from ${table} x order by x.id`,
      emptied: { sql: [`truncate ${table}`, `insert into ${table} select * from t`, `select count(a) from ${table}`] },
    },
  )
}

const MAKE: Readonly<Record<string, string>> = {
  'temp, like': 'create temp table stage (like t)',
  'temp, like including all': 'create temp table stage (like t including all)',
  like: 'create table stage (like t)',
  'as no data': 'create temp table stage as select * from t with no data',
  'select into': 'select * into temp stage from t where false',
}

function madeHere(): readonly Example[] {
  return Object.entries(MAKE).flatMap(([name, make]) =>
    writes(
      `made here, ${name}`,
      {},
      {
        'filled without a list': {
          sql: [
            make,
            "insert into stage values (31, 310, 'u', 'v'), (32, null, null, 'w') returning *",
            'select * from stage order by id',
            'insert into t select * from stage returning *',
          ],
        },
        'filled with a list': {
          sql: [
            make,
            'insert into stage (id, a) values (31, 310)',
            'insert into t (id, a) select id, a from stage returning *',
          ],
        },
        'filled from the table': {
          sql: [
            make,
            'insert into stage select * from t',
            'update stage set a = a + 1, id = id + 40',
            'insert into t select * from stage returning *',
          ],
        },
        'table replaced': {
          sql: [
            make,
            'insert into stage table t',
            'delete from t',
            'insert into t table stage returning *',
            'drop table stage',
          ],
        },
      },
    ),
  )
}

const partitions: readonly Example[] = writes(
  'a partition to be',
  {},
  {
    'filled and attached': {
      sql: [
        "insert into logs_next values (22, 'fresh', 'row') returning *",
        'alter table logs attach partition logs_next for values from (20) to (40)',
        'select * from logs where id > 20 order by id',
        "update logs set level = 'seen' where id > 20",
        'select * from logs_next order by id',
      ],
    },
    'filled from the table': {
      sql: [
        'insert into logs_next select id + 20, level, msg from logs',
        'alter table logs attach partition logs_next for values from (20) to (40)',
      ],
    },
    'updated and attached': {
      sql: [
        "update logs_next set level = 'other' returning *",
        'alter table logs attach partition logs_next for values from (20) to (40)',
        "delete from logs where level = 'other' returning *",
      ],
    },
    'made, filled and attached': {
      sql: [
        'create table logs_new (like logs including all)',
        "insert into logs_new values (41, 'made', 'here')",
        "insert into logs_new (id, level) values (42, 'made')",
        'alter table logs attach partition logs_new for values from (40) to (60)',
        'select * from logs where id > 40 order by id',
      ],
    },
    'made and attached at once': {
      sql: [
        'create table logs_new partition of logs for values from (40) to (60)',
        "insert into logs_new values (41, 'made', 'here') returning *",
        'alter table logs detach partition logs_new',
        "insert into logs_new values (42, 'made', 'alone') returning *",
        'select * from logs_new order by id',
        'alter table logs attach partition logs_new for values from (40) to (60)',
      ],
    },
  },
)

export const madeTables: Scenario = {
  name: 'tables that were made from the table',
  app: 'old',
  migrations: [
    changeColumnType({
      table: 't',
      from: 'a',
      fromType: 'integer',
      to: 'a_ec',
      type: 'bigint',
      after: 'id',
      flag: FLAG,
    }),
    renameColumn({ table: 'logs', from: 'level', to: 'grade', type: 'text', flag: `${FLAG}-logs` }),
  ],
  twin: TABLES,
  steps: {
    both: `alter table t add a_ec bigint; update t set a_ec = a; alter table logs add grade text; update logs set grade = level;
      ${staged('made_both')}; ${staged('made_last')}; ${toAttach('level')}; update logs_next set grade = level`,
    new: `alter table t drop a; alter table logs drop level; ${staged('made_last', 'id, a_ec, b, c')}; ${toAttach('grade')}`,
  },
  reading: {
    twin: reading('a', 'level'),
    old: reading('a', 'level'),
    new: reading('a_ec::int as a', 'grade as level'),
  },
  outOfStep: [
    'select id from t where a_ec is distinct from a',
    'select id from logs where grade is distinct from level',
  ],
  examples: [...['made_off', 'made_both', 'made_last'].flatMap(beside), ...madeHere(), ...partitions],
}
