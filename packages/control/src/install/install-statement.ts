import { Buffer } from 'node:buffer'
import { quoteIdentifier } from '@expand-contract/core'
import { inSchema } from '../control.ts'
import type { ControlFile } from './control-file.ts'

/** Any number that nobody else takes: of the first eight bytes of sha256('expand-contract'). */
const LOCK = '8003425561423587328'

const VERSIONS = `create table if not exists :schema.schema_versions (
  version integer primary key check (version > 0),
  name text not null,
  breaking boolean not null,
  installed_at timestamptz not null default clock_timestamp(),
  installed_by text not null default session_user
);
comment on table :schema.schema_versions is 'The numbered files that this schema was made by.';
comment on column :schema.schema_versions.version is 'The number of the file.';
comment on column :schema.schema_versions.name is 'Its name.';
comment on column :schema.schema_versions.breaking is 'A library that does not know this version must not use the schema.';
comment on column :schema.schema_versions.installed_at is 'When.';
comment on column :schema.schema_versions.installed_by is 'By which role.';`

/**
 * Installs what is missing of the files, all of it or nothing, in one statement: so it is one transaction wherever it is
 * sent, also through a pool, and behind PgBouncer in transaction mode. Those who come at the same time wait for the first
 * by an advisory lock of the transaction. A lock of a table is waited for for 2 s at most: applications that read the phases
 * would queue behind it.
 */
export function installStatement(schema: string, files: readonly ControlFile[]): string {
  const name = quoteIdentifier(schema)
  const steps = files.map(
    (file) => `IF NOT EXISTS (SELECT FROM ${name}.schema_versions v WHERE v.version = ${file.version}) THEN
    EXECUTE ${encoded(inSchema(schema, file.sql))};
    ${recorded(schema, file)}
  END IF;`,
  )
  const body = `DECLARE path text := current_setting('search_path'); patience text := current_setting('lock_timeout');
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('lock_timeout', '0', true);
  PERFORM pg_advisory_xact_lock(${LOCK});
  PERFORM set_config('lock_timeout', '2s', true);
  IF to_regnamespace(${literal(name)}) IS NULL THEN EXECUTE ${literal(`create schema ${name}`)}; END IF;
  IF to_regclass(${literal(`${name}.schema_versions`)}) IS NULL THEN EXECUTE ${encoded(inSchema(schema, VERSIONS))}; END IF;
  ${steps.join('\n  ')}
  PERFORM set_config('search_path', path, true), set_config('lock_timeout', patience, true);
END`
  return `DO LANGUAGE plpgsql ${literal(body)}`
}

/** The same as a script for people, of the files that are given. */
export function installScript(schema: string, files: readonly ControlFile[]): string {
  const name = quoteIdentifier(schema)
  const parts = files.map(
    (file) =>
      `-- ${String(file.version).padStart(6, '0')}-${file.name}\n${inSchema(schema, file.sql).trim()}\n${recorded(schema, file)}`,
  )
  return `begin;
set local search_path = pg_catalog, pg_temp;
select pg_advisory_xact_lock(${LOCK});
set local lock_timeout = '2s';
create schema if not exists ${name};
${inSchema(schema, VERSIONS)}

${parts.join('\n\n')}
commit;
`
}

const recorded = (schema: string, { version, name, breaking }: ControlFile): string =>
  `insert into ${quoteIdentifier(schema)}.schema_versions (version, name, breaking) values (${version}, ${literal(name)}, ${breaking});`

/**
 * A text that names tables, as one that names none. An application hands over the pool that it has, and a driver that plans
 * statements sends no block that may write a migrating table, which `events` may be.
 */
const encoded = (text: string): string =>
  `convert_from(decode('${Buffer.from(text, 'utf8').toString('base64')}', 'base64'), 'UTF8')`

/** The same with standard_conforming_strings on and off. */
function literal(text: string): string {
  return `E'${text.replaceAll(/['\\]/gu, '$&$&')}'`
}
