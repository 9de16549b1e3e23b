import { changeColumnType, renameColumn } from '@expand-contract/core'

/** Rows that any worker changes; what they end with is the sum of what all workers did. */
export const SHARED_ROWS = 20
/** Rows of each worker at the start, which nobody else changes. */
export const OWN_ROWS = 25

/** The first row of a worker's own; workers count from 1. */
export const firstOwnRow = (worker: number): number => worker * 1_000_000

export const migrations = [
  renameColumn({ table: 'accounts', from: 'label', to: 'title', flag: 'read-title' }),
  changeColumnType({
    table: 'accounts',
    from: 'balance',
    fromType: 'int4',
    to: 'balance_big',
    type: 'int8',
    flag: 'read-balance-big',
  }),
] as const

/**
 * Row 0 is the witness of where reads come from: its old and new columns differ on purpose, and no worker writes it.
 */
export const SCHEMA = `
  create table accounts (id int primary key, label text not null, balance int not null default 0, note text);
  create index accounts_label on accounts (label);
  insert into accounts values (0, 'old', 1, 'witness');
  insert into accounts select n, 'shared', 0, null from generate_series(1, ${SHARED_ROWS}) n;
`
