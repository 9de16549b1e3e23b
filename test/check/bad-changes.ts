import { renameColumn } from '@expand-contract/core'
import { type CheckCase, FULL_NAME, inPhase, typeormMigration } from './check-case.ts'

const DROP = {
  'drizzle/0042_drop_name.sql': 'select 1;--> statement-breakpoint\n\nALTER TABLE "users" DROP COLUMN "name";',
}
const AT_DROP = 'drizzle/0042_drop_name.sql:3:33'

/** Changes, and what is found in them. */
export const BAD_CHANGES: Readonly<Record<string, CheckCase>> = {
  'a drop before the soak is over': {
    files: DROP,
    known: [inPhase('switch', { soaked: new Date('2026-11-30T09:14:00Z') })],
    finds: [`EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name 3 d 3 h before its soak is over`],
  },
  'a drop before the soak has begun': {
    files: DROP,
    known: [inPhase('switch')],
    finds: [`EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name before its soak has begun`],
  },
  'a drop on the day of the switch, behind a soak that was never recorded': {
    files: DROP,
    known: [inPhase('switch', { soaked: new Date('2026-11-27T05:00:00Z') })],
    finds: [`EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name right behind its soak, without contract and hold`],
  },
  'a drop while it is expanded': {
    files: DROP,
    known: [inPhase('expand')],
    finds: [`EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name while applications read it, in the phase expand`],
  },
  'a drop by hand in contract': {
    files: DROP,
    known: [inPhase('contract')],
    finds: [
      `EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name in the phase contract, past the command that drops it with a backup`,
    ],
  },
  'a drop of what is only declared': {
    files: DROP,
    finds: [`EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name although its migration has not begun`],
  },
  'a drop and the declaration go at once': {
    files: DROP,
    declared: [],
    declaredBefore: [FULL_NAME],
    known: [inPhase('switch')],
    finds: [
      `EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name before its soak has begun`,
      'EC_ANNOTATION_REMOVED src/migrations.ts:1:1: the declaration of users.full_name is gone while it is in the phase switch',
    ],
  },
  'the declaration and the drop come at once': {
    files: DROP,
    declaredBefore: [],
    finds: [`EC_TWO_STAGES ${AT_DROP}: drops users.name in the change that declares users.full_name`],
  },
  'the drop of a declaration that only the record knows': {
    files: DROP,
    declared: [],
    declaredBefore: 'unknown',
    known: [inPhase('contract')],
    finds: [
      `EC_DROP_BEFORE_SOAK ${AT_DROP}: drops users.name in the phase contract, past the command that drops it with a backup`,
      'EC_ANNOTATION_REMOVED src/migrations.ts:1:1: the declaration of users.full_name is gone while it is in the phase contract',
    ],
  },
  'a drop by TypeORM': {
    files: {
      'src/migrations/1764-Drop.ts': typeormMigration(
        'await queryRunner.query(`ALTER TABLE "users" DROP COLUMN "name"`)',
      ),
      'src/migrations/1765-Drop.ts': typeormMigration("await queryRunner.dropColumn('users', 'name')"),
      'src/migrations/1766-Drop.js': `module.exports = class { async up(queryRunner) { await queryRunner.query('ALTER TABLE users ' + 'DROP COLUMN name') } async down() {} }`,
      'src/migrations/1767-Drop.ts': typeormMigration("await queryRunner.dropColumns('public.users', ['age', 'name'])"),
    },
    known: [inPhase('switch')],
    finds: [
      'EC_DROP_BEFORE_SOAK src/migrations/1764-Drop.ts:5:62: drops users.name before its soak has begun',
      'EC_DROP_BEFORE_SOAK src/migrations/1765-Drop.ts:5:11: drops users.name before its soak has begun',
      'EC_DROP_BEFORE_SOAK src/migrations/1766-Drop.js:1:110: drops users.name before its soak has begun',
      'EC_DROP_BEFORE_SOAK src/migrations/1767-Drop.ts:5:11: drops public.users.name before its soak has begun',
      'EC_ONE_STEP_DROP src/migrations/1767-Drop.ts:5:11: drops public.users.age in one step: processes of the version before still name it',
    ],
  },
  'a drop within DO, behind IF': {
    files: { '1.sql': 'do $$ begin\n  if true then alter table users drop column name; end if;\nend $$;' },
    known: [inPhase('switch')],
    finds: ['EC_DROP_BEFORE_SOAK 1.sql:2:46: drops users.name before its soak has begun'],
  },
  'the table goes, or is called otherwise': {
    files: { '1.sql': 'drop table users;\nalter table users rename to people;' },
    known: [inPhase('expand')],
    finds: [
      'EC_CHANGE_WHILE_MIGRATING 1.sql:1:12: drops users while users.full_name migrates it',
      'EC_CHANGE_WHILE_MIGRATING 1.sql:2:13: renames users while users.full_name migrates it',
    ],
  },
  'what migrates is renamed, retyped, dropped': {
    files: {
      '1.sql':
        'alter table users rename name to title;\nalter table users alter full_name type varchar(9);\nalter table public.users drop full_name;',
    },
    known: [inPhase('expand')],
    finds: [
      'EC_CHANGE_WHILE_MIGRATING 1.sql:1:26: renames users.name while users.full_name migrates it',
      'EC_CHANGE_WHILE_MIGRATING 1.sql:2:25: changes the type of users.full_name while users.full_name migrates it',
      'EC_CHANGE_WHILE_MIGRATING 1.sql:3:31: drops public.users.full_name while users.full_name migrates it',
    ],
  },
  'what is declared is renamed in one step': {
    files: { '1.sql': 'alter table users rename column name to full_name;' },
    finds: ['EC_ONE_STEP_RENAME 1.sql:1:33: renames users.name in one step: old processes fail at once'],
  },
  'the new column by hand': {
    files: {
      '1.sql': 'alter table users add column full_name text;\nupdate users set full_name = name;',
      'src/migrations/1.ts': typeormMigration(
        "await queryRunner.addColumn('users', new TableColumn({ name: 'full_name', type: 'text' }))",
      ),
    },
    finds: [
      'EC_HAND_MADE_COLUMN 1.sql:1:30: adds users.full_name without the sync trigger of users.full_name',
      'EC_HAND_MADE_COLUMN src/migrations/1.ts:5:11: adds users.full_name without the sync trigger of users.full_name',
    ],
  },
  'in one step': {
    files: {
      '1.sql':
        'alter table orders rename ref to reference;\nalter table orders alter amount type numeric;\nalter table orders drop note, add remark text;\nalter table orders rename to purchases;',
      'src/migrations/1.ts': typeormMigration(
        "await queryRunner.renameColumn('orders', 'a', 'b')\n    await queryRunner.changeColumn('orders', 'c', new TableColumn({ name: 'c', type: 'int8' }))\n    await queryRunner.renameTable('orders', 'x')",
      ),
    },
    declared: [],
    finds: [
      'EC_ONE_STEP_RENAME 1.sql:1:27: renames orders.ref in one step: old processes fail at once',
      'EC_ONE_STEP_RETYPE 1.sql:2:26: changes the type of orders.amount in one step: it may rewrite the table while nobody can read it',
      'EC_ONE_STEP_DROP 1.sql:3:25: drops orders.note in one step: processes of the version before still name it',
      'EC_ONE_STEP_RENAME 1.sql:4:13: renames the table orders in one step: old processes fail at once',
      'EC_ONE_STEP_RENAME src/migrations/1.ts:5:11: renames orders.a in one step: old processes fail at once',
      'EC_ONE_STEP_RETYPE src/migrations/1.ts:6:11: changes the type of orders.c in one step: it may rewrite the table while nobody can read it',
      'EC_ONE_STEP_RENAME src/migrations/1.ts:7:11: renames the table orders in one step: old processes fail at once',
    ],
  },
  'added to an older file': {
    before: { '1.sql': 'alter table pets drop a;\n' },
    files: { '1.sql': 'alter table pets drop a;\nalter table pets drop b;\n' },
    finds: ['EC_ONE_STEP_DROP 1.sql:2:23: drops pets.b in one step: processes of the version before still name it'],
  },
  'the declaration is gone, and nobody knows the phase': {
    declared: [],
    declaredBefore: [FULL_NAME],
    finds: [
      'EC_ANNOTATION_REMOVED src/migrations.ts:1:1: the declaration of users.full_name is gone, and no record says in which phase it is',
    ],
  },
  'the declaration maps otherwise': {
    declared: [renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'varchar(80)' })],
    known: [inPhase('expand')],
    finds: [
      'EC_DECLARATION_CHANGED src/migrations.ts:1:1: the declaration of users.full_name maps otherwise than the one that the migration was begun with',
    ],
  },
  'ignored without a reason, without a rule, for nothing': {
    files: {
      '1.sql':
        '-- expand-contract-ignore EC_ONE_STEP_DROP\nalter table pets drop a;\n-- expand-contract-ignore\nselect 1;\n-- expand-contract-ignore EC_ONE_STEP_DROP -- a reason\nselect 2;\n-- expand-contract-ignore EC_NONE -- a reason\n-- expand-contract-ignore EC_IGNORE -- a reason\n',
    },
    finds: [
      'EC_IGNORE 1.sql:1:1: ignores without a rule and a reason',
      'EC_IGNORE 1.sql:3:1: ignores without a rule and a reason',
      'EC_IGNORE 1.sql:7:1: ignores EC_NONE, which is no rule that can be ignored',
      'EC_IGNORE 1.sql:8:1: ignores EC_IGNORE, which is no rule that can be ignored',
      'EC_ONE_STEP_DROP 1.sql:2:23: drops pets.a in one step: processes of the version before still name it',
      'EC_IGNORE_UNUSED 1.sql:5:1: ignores EC_ONE_STEP_DROP, which finds nothing here',
    ],
  },
  'an ignored statement does not cover the next one': {
    files: {
      '1.sql':
        '-- expand-contract-ignore EC_ONE_STEP_DROP -- known\nalter table pets drop a;\nalter table pets drop b;\n',
    },
    finds: ['EC_ONE_STEP_DROP 1.sql:3:23: drops pets.b in one step: processes of the version before still name it'],
  },
  'what cannot be read': {
    files: {
      '1.sql': 'alter table pets drop column :column;\nalter table `pets` drop `a`;\nselect :id;',
      'src/migrations/1.ts': typeormMigration(
        `await queryRunner.query(sql)\n    await queryRunner.query(\`alter table \${table} drop column name\`)\n    await queryRunner.dropColumn(table, name)`,
      ),
      'src/migrations/2.ts': 'class { up(queryRunner) { this is no TypeScript',
    },
    finds: [
      'EC_UNREADABLE 1.sql:1:1: changes a schema in a way that could not be read',
      'EC_UNREADABLE 1.sql:2:1: changes a schema in a way that could not be read',
      'EC_UNREADABLE src/migrations/1.ts:5:11: changes a schema in a way that could not be read',
      'EC_UNREADABLE src/migrations/1.ts:6:63: changes a schema in a way that could not be read',
      'EC_UNREADABLE src/migrations/1.ts:7:11: changes a schema in a way that could not be read',
      'EC_UNREADABLE src/migrations/2.ts:1:1: changes a schema in a way that could not be read',
    ],
  },
  'drizzle-kit and synchronize would drop a column': {
    known: [inPhase('expand')],
    project: {
      drizzleKit: {
        file: 'drizzle.config.ts',
        tables: [{ schema: undefined, name: 'users', columns: ['id', 'name'] }],
      },
      typeorm: { file: 'src/data-source.ts', synchronize: true },
    },
    finds: [
      'EC_SCHEMA_WOULD_DROP drizzle.config.ts:1:1: drizzle-kit would generate a drop of full_name of users.full_name',
      'EC_SCHEMA_WOULD_DROP src/data-source.ts:1:1: synchronize: true, so that an application which does not know both columns of users.full_name drops one',
    ],
  },
}
