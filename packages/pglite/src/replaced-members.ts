type Members = Readonly<Record<PropertyKey, unknown>>

/**
 * An object with other members in place of its own. The others stay those of the target and run on it, since its private
 * fields are its own. `instead` may exchange what a member holds.
 */
export function withMembers<T extends object>(
  target: T,
  members: Members,
  instead: (value: unknown) => unknown = (value) => value,
): T {
  const bound = new WeakMap<object, unknown>()
  const onTarget = (value: CallableFunction): unknown => {
    const known = bound.get(value) ?? value.bind(target)
    bound.set(value, known)
    return known
  }
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(members, key)) return members[key]
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' && key !== 'constructor' ? onTarget(value) : instead(value)
    },
    set: (_, key, value) => Reflect.set(target, key, value),
  })
}
