import pg from 'pg'

/** Calls back once, as a statement of ours is sent whose text is like that: the first one, or a later one. */
export function onStatement(pattern: RegExp, callback: () => void, nth = 1): void {
  const { query } = pg.Client.prototype
  let seen = 0
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, ...args: unknown[]): unknown {
      const text = String(Object(args[0]).text ?? args[0])
      if (pattern.test(text) && ++seen === nth) {
        Object.assign(pg.Client.prototype, { query })
        callback()
      }
      return Reflect.apply(query, this, args)
    },
  })
}
