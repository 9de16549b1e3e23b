import type { DriverSql } from './postgres-js-internals.ts'

/** What is there instead of a member; undefined for one that is not there any more. */
export type Members = Readonly<Record<string, unknown>>

/** What is done when the instance is called as a template's tag, a fragment or a helper. */
export type Call = (target: unknown, self: unknown, args: Parameters<DriverSql>) => unknown

/** An instance with other members in place of its own. The others stay those of the target. */
export function withMembers(target: DriverSql, members: Members, call: Call): DriverSql {
  return new Proxy<DriverSql>(target, {
    apply: call,
    get: (_, key) => (typeof key === 'string' && Object.hasOwn(members, key) ? members[key] : Reflect.get(target, key)),
  })
}
