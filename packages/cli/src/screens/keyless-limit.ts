import { countText } from '../output/duration.ts'

/** What a backup of rows that no key tells can bring back, and what it cannot. `uncertain` rows say in the new column what others say that had another old value. */
export const keylessLimit = (uncertain: number, rows: number): string =>
  [
    'rows are told by all that they hold. One that stays as it is gets its exact old value again; a changed one gets that of the rows that said the same in the new column, where these had one value',
    ...(uncertain === 0
      ? []
      : [
          `${countText(uncertain)} of ${countText(rows)} rows had several: a changed one of them gets what the mapping makes, which need not be what it had`,
        ]),
  ].join('. ')
