import { type CheckCase, FULL_NAME, inPhase, typeormMigration } from './check-case.ts'

/** Changes in which nothing is to be found. */
export const GOOD_CHANGES: Readonly<Record<string, CheckCase>> = {
  'no migration file': {
    files: { 'src/app.ts': 'export const drop = "alter table users drop column name"' },
    finds: [],
  },
  'a declaration that is new': { declaredBefore: [], finds: [] },
  'a new table, and what is done to it': {
    files: {
      'drizzle/0001_pets.sql':
        'create table pets (id int, name text);--> statement-breakpoint\nalter table pets drop column name; alter table pets rename column id to pet_id;',
    },
    finds: [],
  },
  'a column that the change has made itself': {
    files: {
      'drizzle/1.sql': 'alter table pets add column age int;',
      'drizzle/2.sql': 'alter table pets rename age to years;',
    },
    finds: [],
  },
  'a column, an index, a comment, a default': {
    files: {
      'drizzle/1.sql':
        "alter table users add column age int; create index on users (age); comment on column users.name is 'x'; alter table users alter name set default '';",
    },
    finds: [],
  },
  'the old column after its drop': {
    files: { 'drizzle/1.sql': 'alter table users drop column if exists name' },
    declared: [],
    declaredBefore: [FULL_NAME],
    known: [inPhase('dropped')],
    finds: [],
  },
  'the old column when it may be dropped': {
    files: { 'drizzle/1.sql': 'alter table users drop column name' },
    known: [inPhase('hold', { droppable: new Date('2026-11-27T05:59:59Z') })],
    finds: [],
  },
  'the declaration goes with the end of its migration': {
    declared: [],
    declaredBefore: [FULL_NAME],
    known: [inPhase('dropped')],
    finds: [],
  },
  'the declaration goes after a rollback': {
    declared: [],
    declaredBefore: [FULL_NAME],
    known: [inPhase('off')],
    finds: [],
  },
  'the part of a file that leads back': {
    files: {
      'db/migrations/1.sql':
        '-- migrate:up\nalter table pets add age int;\n-- migrate:down\nalter table pets drop column name;\n',
      'goose/1.sql': '-- +goose Up\nselect 1;\n-- +goose Down\nalter table pets drop column name;\n',
      'migrate/1_x.down.sql': 'alter table pets drop column name;',
      'prisma/migrations/1/down.sql': 'alter table pets drop column name;',
      'src/migrations/1.ts': typeormMigration(
        "await queryRunner.query('select 1')",
        "await queryRunner.dropColumn('users', 'name')",
      ),
    },
    finds: [],
  },
  'what an older file did already': {
    before: { 'drizzle/0001.sql': 'alter table pets drop column name;\n' },
    files: { 'drizzle/0001.sql': '-- a remark\nalter table pets\n  drop column name;\n' },
    finds: [],
  },
  'the SQL of expand --dry-run': {
    files: {
      'drizzle/1.sql':
        'begin; alter table users add column full_name text; create trigger "~expand_contract_sync_7f3a19c2" before insert or update on users for each row execute function f(); commit;',
    },
    finds: [],
  },
  'a column of another schema of the same name': {
    files: { 'drizzle/1.sql': 'create table crm.users (id int, name text); alter table crm.users drop column name' },
    finds: [],
  },
  'ignored, with a reason': {
    files: {
      'drizzle/1.sql':
        '-- expand-contract-ignore EC_ONE_STEP_DROP -- 2026.45 names it no longer\n-- and this was checked\nalter table pets\n  drop column name;\n',
      'drizzle/2.sql':
        'alter table pets\n  drop column age; -- expand-contract-ignore EC_ONE_STEP_DROP -- never read\n',
      'src/migrations/1.ts': typeormMigration(
        "// expand-contract-ignore EC_ONE_STEP_RETYPE -- varchar(20) becomes varchar(40)\n    await queryRunner.query('alter table pets alter name type varchar(40)')",
      ),
    },
    finds: [],
  },
  'text in literals, comments and functions': {
    files: {
      'drizzle/1.sql':
        "select 'alter table users drop column name'; /* alter table users drop column name; */ create function f() returns void language plpgsql as $$ begin alter table users drop column name; end $$;",
    },
    finds: [],
  },
  'what psql reads': {
    files: { 'seed.sql': '\\set id 7\ncopy pets from stdin;\n1\tdrop\n\\.\ninsert into pets values (:id);\n' },
    finds: [],
  },
  'a column of the new name that stays when all is done': {
    files: { 'drizzle/1.sql': 'alter table users add column title text' },
    declared: [],
    known: [inPhase('dropped')],
    finds: [],
  },
  'drizzle-kit is given both columns, or nothing runs yet': {
    known: [inPhase('switch'), inPhase('off', { id: 'other', old: ['a'], new: ['b'] })],
    project: {
      drizzleKit: {
        file: 'drizzle.config.ts',
        tables: [{ schema: 'public', name: 'users', columns: ['id', 'name', 'full_name'] }],
      },
      typeorm: { file: 'src/data-source.ts', synchronize: false },
    },
    finds: [],
  },
}
