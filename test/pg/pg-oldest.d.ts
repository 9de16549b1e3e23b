/** The oldest pg of the peer range, under another name. Its types are those of `pg`. */
declare module 'pg-oldest' {
  import pg from 'pg'
  export = pg
}
