/**
 * Every reason for which a statement is kept on the old side or refused, by its permanent code. `what` says what it
 * is, `remedy` what to do about it.
 */
export const REASONS = {
  'field-of-row': {
    what: 'A field of a whole row is taken, as in (u).name.',
    remedy: 'Name the column instead: u.name.',
  },
  'whole-row-in-function': {
    what: 'A whole row of the table is handed to a function or cast that may depend on its row type.',
    remedy: 'Hand over the columns that the function needs.',
  },
  'row-type': {
    what: "The table's row type is named, or a function is called that may return it or something else, so the columns of a result depend on which columns exist.",
    remedy: 'List the columns and their types instead of naming the row type.',
  },
  'unknown-columns': {
    what: 'A column is named without its table next to a function or relation whose columns are not known.',
    remedy: 'Write the table in front of the column.',
  },
  'ambiguous-column': {
    what: 'A column is named without its table although several tables have it.',
    remedy: 'Write the table in front of the column.',
  },
  'joined-columns': {
    what: 'USING, NATURAL or a list of column aliases covers the migrating column where it cannot be replaced.',
    remedy: 'Write the join with ON, and name the columns.',
  },
  'grouped-by-key': {
    what: 'GROUP BY relies on a primary key that is itself migrating.',
    remedy: 'Name every selected column in GROUP BY, or use an aggregate.',
  },
  'conflict-target': {
    what: 'ON CONFLICT names the migrating column or its constraint in a way that has no counterpart on the new side.',
    remedy: 'Create the unique constraint on the new column, and declare it under `constraints` of the migration.',
  },
  'subscript-assignment': {
    what: 'A part of the migrating column is assigned, as in SET tags[1] = …, and the other column cannot be given the same.',
    remedy: 'Assign the whole value.',
  },
  'several-columns': {
    what: 'An item of VALUES stands for several columns, as in VALUES (s.*), where it cannot be told which of them are the migrating ones.',
    remedy: 'List the columns: VALUES (s.id, s.name).',
  },
  'row-assignment': {
    what: 'Columns of one migration are assigned partly in a row of values and partly outside of it.',
    remedy: 'Assign them all in one row, or each by itself: SET name = ….',
  },
  'evaluated-twice': {
    what: 'The value would have to be evaluated twice, and might differ.',
    remedy: 'Compute the value in the source of the statement, or send it as a parameter.',
  },
  'column-positions': {
    what: '`*`, a whole row, or an INSERT or COPY without a column list relies on the place of a column that has been dropped.',
    remedy: 'List the columns, or declare `after` in the migration.',
  },
  overriding: {
    what: 'OVERRIDING USER VALUE is written, and nothing tells whether the migrating column is an identity column for the application.',
    remedy: 'Make the column that is written an identity column, or leave it out of the INSERT.',
  },
  'generated-column': {
    what: 'The migrating column is computed by PostgreSQL (GENERATED ALWAYS AS).',
    remedy: 'Migrate the columns that it is computed from.',
  },
  'through-view': {
    what: 'The table is written through a view, where the other column cannot be added.',
    remedy: 'Write the table itself, or install the sync trigger (docs/sync-trigger.md).',
  },
  'read-through-view': {
    what: 'The table is read through a view, whose definition names the old column.',
    remedy: 'Replace the view by one on the new column before the old one is dropped.',
  },
  'copy-from': {
    what: 'COPY … FROM brings rows that no statement can complete with another column, or with one of other values.',
    remedy: 'Use INSERT, or install the sync trigger (docs/sync-trigger.md).',
  },
  'do-block': {
    what: 'A DO block names the table, and its statements cannot be seen.',
    remedy: 'Send the statements themselves, or install the sync trigger (docs/sync-trigger.md).',
  },
  'user-trigger': {
    what: "A trigger or a rule of the table works on the migrating column after this statement's values were computed, or on the old one alone when that is not written any more.",
    remedy:
      'Compute the value in the application, or install the sync trigger (docs/sync-trigger.md); when the new column alone is written, make it work on that one.',
  },
  'referential-action': {
    what: 'A foreign key sets the migrating column of the rows that refer to this one (ON DELETE or ON UPDATE), and not the other column.',
    remedy:
      'Give the other column a foreign key with the same actions, for which NOT VALID will do, or install the sync trigger (docs/sync-trigger.md).',
  },
  'backslash-strings': {
    what: 'The session has standard_conforming_strings off, and the text has a backslash in a string.',
    remedy: "Write the string as E'…', or turn standard_conforming_strings on.",
  },
  'path-in-text': {
    what: 'The text changes the search path, or ends a transaction that did, and then uses the table, which may be another one by then.',
    remedy: 'Send the two parts one after the other.',
  },
  'columns-in-text': {
    what: 'The text adds a column of the migration and then writes the table, which is planned with the columns from before the text.',
    remedy: 'Send the two parts one after the other.',
  },
  /** Found by @expand-contract/session. */
  'never-had-column': {
    what: 'The table has the new column and not the old one, and never had it: none of its columns was dropped, so the name may be misspelt.',
    remedy:
      "Correct the declaration. Where the migration is finished and the table was made anew or restored from a dump, record that: phases: fixedPhases({ 'users.full_name': 'contract' }), with the migration's id.",
  },
  'too-deep': {
    what: 'The text is nested deeper than it can be followed here.',
    remedy: 'Write it flatter: a list of values, or an array, instead of thousands of nested calls or operators.',
  },
  'parser-failed': {
    what: 'The SQL parser has failed on the text, and nothing can be said of it.',
    remedy: 'Send it again; when that is of no use, write it another way, and report it.',
  },
  unsupported: {
    what: 'The statement has a part that the rewriter does not know.',
    remedy: 'Write the statement another way, and report it.',
  },
} as const satisfies Record<string, { readonly what: string; readonly remedy: string }>

export type ReasonCode = keyof typeof REASONS
