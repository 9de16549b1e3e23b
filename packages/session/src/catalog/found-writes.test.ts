import { describe, expect, it } from 'vitest'
import { foundWrites } from './found-writes.ts'

const USERS = { schema: 'public', name: 'users' }
const search = {
  relations: [USERS, { schema: 'public', name: 'users_1' }],
  columns: ['name', 'full_name'],
  trigger: USERS,
}

const writes = (source: string, language = 'plpgsql') =>
  foundWrites({ language, source: language === 'plpgsql' ? `begin ${source}; return null; end` : source }, search)
    .writes

describe('foundWrites', () => {
  it.each([
    ['update users set name = lower(name)', 'updates "name"'],
    ['update only public."users" as u set (id, full_name) = (select 1, x)', 'updates "full_name"'],
    ['update users_1 set id = 1, name = (select 2) where true', 'updates "name"'],
    ['insert into users (id) values (1)', 'inserts into it'],
    ['merge into users u using x on true when matched then delete', 'merges into it'],
    ["execute 'update users set name = 1'", 'updates "name" by dynamic SQL (EXECUTE)'],
    [
      "execute format('update %I set %I = $1', tg_table_name, tg_argv[0]) using new.id",
      'updates columns that cannot be told by dynamic SQL (EXECUTE)',
    ],
    [
      "execute format('update %2$s.%1$I set name = %3$L', tg_table_name, tg_table_schema, new.x)",
      'updates "name" by dynamic SQL (EXECUTE)',
    ],
    ["execute 'update ' || tg_relid::regclass || ' set full_name = 1'", 'updates "full_name" by dynamic SQL (EXECUTE)'],
    [
      "execute 'update ' || quote_ident(tg_table_name) || $q$ set name = 'x' $q$",
      'updates "name" by dynamic SQL (EXECUTE)',
    ],
    [
      "execute concat('insert into ', tg_table_name, ' values ($1.*)') using new",
      'inserts into it by dynamic SQL (EXECUTE)',
    ],
    ["q := 'update users set ' || sets; execute q", 'updates columns that cannot be told by dynamic SQL (EXECUTE)'],
    ['execute q', 'may write it by dynamic SQL (EXECUTE)'],
    [
      "for r in execute format('update %s set name = 1 returning *', t) loop null; end loop",
      'updates "name" by dynamic SQL (EXECUTE)',
    ],
    ['select sql into q from jobs; execute q', 'may write it by dynamic SQL (EXECUTE)'],
  ])('%s', (source, expected) => {
    expect(writes(source)).toEqual([expected])
  })

  it.each([
    'insert into audit select old.*, new.name',
    'update users set deleted_at = now() where id = old.id and name = old.name',
    'delete from users where id = old.id',
    'select name from users for update; update x set name = 1',
    'insert into audit values (1) on conflict (id) do update set name = 1',
    "-- update users set name = 1\n raise notice 'update users set name = 1'",
    "execute 'insert into audit values ($1.*)' using new",
    "execute format('insert into audit.%I select ($1).*', tg_table_name) using new",
    "execute format('insert into %I select ($1).*', tg_table_name || '_log') using new",
    "execute format('insert into audit_%s values (%L)', tg_table_name, new.name)",
    "q := 'insert into '; q := q || 'audit values (1)'; execute q",
    "execute 'update audit.users set name = 1'",
    "execute format('update %I set deleted_at = now() where id = %s', tg_table_name, old.id)",
    "execute format('notify %I', tg_table_name)",
    "perform 'update users set name = 1'",
  ])('%s: nothing', (source) => {
    expect(writes(source)).toEqual([])
  })

  it('reads the strings of other languages', () => {
    expect(writes(`spi_exec_query("update $_TD->{table_name} set name = 1")`, 'plperl')).toEqual(['updates it'])
    expect(writes(`plpy.execute("UPDATE users SET name = 'x'")`, 'plpython3u')).toEqual(['updates it'])
    expect(writes('plpy.execute("insert into audit values (1)")', 'plpython3u')).toEqual([])
  })

  it('tells the names of what is called', () => {
    const { calls } = foundWrites(
      { language: 'plpgsql', source: 'begin perform crm.bump(new.id); x := tidy("F"(1)); end' },
      search,
    )
    expect(calls).toEqual([
      { schema: 'crm', name: 'bump' },
      { schema: undefined, name: 'tidy' },
      { schema: undefined, name: 'F' },
    ])
  })
})
