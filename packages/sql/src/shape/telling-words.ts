/** What begins a list in which an integer is a column, and what ends it. */
export const POSITIONS: ReadonlySet<string> = new Set(['BY', 'DISTINCT'])
export const POSITIONS_END: ReadonlySet<string> = new Set(
  'FROM WHERE HAVING WINDOW LIMIT OFFSET FETCH FOR UNION'.split(' '),
)

/** Words that say what stands behind them, and not only that they are there. */
export const TELLING: ReadonlySet<string> = new Set([...POSITIONS, ...POSITIONS_END, 'IN', 'VALUES', 'ARRAY'])
