import { changeColumnType, renameColumn, type Side } from '@expand-contract/core'
import { type Example, reads, writes } from '../example.ts'
import { FLAG, type Scenario } from './scenario.ts'

/**
 * Partitions and inheritance children whose columns stand in orders of their own: attached ones, children with columns of
 * their own, some that had lost another column before, and some that came after the old column was dropped.
 */
export function columnOrders(): Scenario {
  const app: Side = 'old'
  const partitions = (level: string): string => `
    create table logs (id int, ${level} varchar(20), msg text) partition by range (id);
    create table logs_1 (id int, msg text, ${level} varchar(20));
    alter table logs attach partition logs_1 for values from (0) to (10);
    create table logs_2 partition of logs for values from (10) to (20);
    create table logs_3 (gone int, ${level} varchar(20), lost text, msg text, id int);
    alter table logs_3 drop gone, drop lost;
    alter table logs attach partition logs_3 for values from (20) to (30);
    create table logs_4 (id int, lost varchar(20), ${level} varchar(20), msg text);
    alter table logs_4 drop lost;
    alter table logs attach partition logs_4 for values from (30) to (40);
    insert into logs (id, ${level}, msg) values (1, 'info', 'one'), (11, 'warn', 'eleven'), (21, null, 'x'), (31, 'info', null)`
  const children = (a: string): string => `
    create table items (id int, ${a} int, b text);
    create table kids (extra int) inherits (items);
    create table odd (b text, ${a} int, more text, id int);
    alter table odd inherit items;
    create table grandkids (last int) inherits (kids);
    insert into items values (1, 1, 'item');
    insert into kids (id, ${a}, b, extra) values (2, 2, 'kid', 22);
    insert into odd (id, ${a}, b, more) values (3, 3, 'odd', 'more');
    insert into grandkids (id, ${a}, b, extra, last) values (4, 4, 'grandkid', 44, 444)`
  const logs = (level: string): string => `select tableoid::regclass::text, id, ${level}, msg from logs`
  const items = (a: string): string => `select tableoid::regclass::text, id, ${a}, b from items`
  const extras = (a: string): string =>
    `select 'kids' as what, extra::text, null as last, ${a} from only kids union all select 'grandkids', extra::text, last::text, ${a} from grandkids union all select 'odd', more, null, ${a} from odd`
  const reading = (level: string, a: string): readonly string[] => [logs(level), items(a), extras(a)]
  return {
    name: 'columns in other orders',
    app,
    migrations: [
      renameColumn({ table: 'logs', from: 'level', to: 'grade', type: 'varchar(20)', after: 'id', app, flag: FLAG }),
      changeColumnType({
        ...{
          table: 'items',
          from: 'a',
          fromType: 'int',
          to: 'a_ec',
          type: 'bigint',
          after: 'id',
          app,
          flag: `${FLAG}-items`,
        },
      }),
    ],
    twin: `${partitions('level')}; ${children('a')}`,
    steps: {
      both: 'alter table logs add grade varchar(20); update logs set grade = level; alter table items add a_ec bigint; update items set a_ec = a',
      new: 'alter table logs drop level; alter table items drop a',
    },
    reading: {
      twin: reading('level', 'a'),
      old: reading('level', 'a'),
      new: reading('grade as level', 'a_ec::int as a'),
    },
    outOfStep: [
      'select id from logs where grade is distinct from level',
      'select id from items where a_ec is distinct from a',
    ],
    examples: [...['logs', 'logs_1', 'logs_2', 'logs_3', 'logs_4'].flatMap(ofLogs), ...ofItems],
  }
}

const KEYS: Readonly<Record<string, number>> = { logs: 5, logs_1: 6, logs_2: 16, logs_3: 26, logs_4: 36 }
const VALUES: Readonly<Record<string, string>> = {
  logs: "5, 'warn', 'the message'",
  logs_1: "6, 'the message', 'warn'",
  logs_2: "16, 'warn', 'the message'",
  logs_3: "'warn', 'the message', 26",
  logs_4: "36, 'warn', 'the message'",
}

function ofLogs(table: string): readonly Example[] {
  const key = KEYS[table]
  const values = VALUES[table] ?? ''
  return [
    ...reads(
      `reads of ${table}`,
      {},
      {
        star: `select * from ${table} order by id`,
        table: `table ${table}`,
        'qualified star': `select x.*, 1 as one from ${table} x order by id`,
        'star of a join': `select * from ${table} x join (values (1), (11), (21), (31)) v(id) using (id)`,
        'column aliases': `select p, q, r from ${table} as x (p, q, r)`,
        'one column alias': `select p from ${table} as x (p)`,
        'a row': `select row(x.*)::text, to_json(x)::text from ${table} x`,
        'a row as text': `select x::text from ${table} x`,
        'star of a sub-select': `select s.* from (select * from ${table}) s (p, q, r)`,
        'star of a common table expression': `with c (p, q) as (select * from ${table}) select * from c`,
        union: `select * from ${table} union all select * from ${table}`,
        only: `select * from only ${table}`,
      },
    ),
    ...writes(
      `writes of ${table}`,
      {},
      {
        'no list': `insert into ${table} values (${values})`,
        'no list, fewer values': `insert into ${table} values (${values.split(', ').slice(0, 2).join(', ')}) returning *`,
        'no list, default': `insert into ${table} values (${values.replace("'warn'", 'default')}) returning *`,
        'no list, of a query': `insert into ${table} select ${values} returning *`,
        'no list, of itself': `insert into ${table} select * from ${table} returning *`,
        'with a list': `insert into ${table} (id, level, msg) values (${key}, 'warn', 'the message') returning *`,
        update: `update ${table} set level = 'new' returning *`,
        'update of a row': `update ${table} set (level, msg) = row ('new', 'x') returning ${table}.*, ${table}::text`,
        delete: `delete from ${table} returning *`,
        'of a copy': {
          sql: [
            `create temp table copied as select * from ${table}`,
            `insert into ${table} select * from copied returning *`,
          ],
        },
      },
    ),
    ...writes(
      `merge into ${table}`,
      { since: 15 },
      {
        'no list': `merge into ${table} using (select 1) s on false when not matched then insert values (${values})`,
      },
    ),
  ]
}

const ofItems: readonly Example[] = [
  ...reads(
    'reads of children',
    {},
    {
      ...Object.fromEntries(
        ['items', 'kids', 'grandkids', 'odd'].flatMap((table) => [
          [`star of ${table}`, `select * from ${table} order by id`],
          [`star of only ${table}`, `select * from only ${table} order by id`],
          [`row of ${table}`, `select x::text, row(x.*)::text from ${table} x`],
          [`aliases of ${table}`, `select p, q from ${table} x (p, q)`],
        ]),
      ),
    },
  ),
  ...writes(
    'writes of children',
    {},
    {
      'items without a list': "insert into items values (5, 50, 'five') returning *",
      'kids without a list': "insert into kids values (5, 50, 'five', 55) returning *",
      'grandkids without a list': "insert into grandkids values (5, 50, 'five', 55, 555) returning *",
      'odd without a list': "insert into odd values ('five', 50, 'more', 5) returning *",
      'kids of a query': 'insert into kids select * from kids where extra = 22 returning *',
      'kids updated': 'update kids set a = a + 1 returning *',
      'items updated': 'update items set a = a + 1 returning *',
      'odd updated': 'update odd set a = a + 1 returning *',
      'items deleted': 'delete from items where a > 1 returning *',
    },
  ),
]
