/**
 * What a process has one of, although it may load this package several times: as a module and by `require`, in two
 * versions, in a bundle and beside it, or anew after `jest.resetModules()`. It is kept on `globalThis` by a registered
 * symbol, `Symbol.for('expand-contract.<name>')`. The name ends with what must be equal for copies to understand each
 * other: a number, raised whenever the shape of the value changes, or the version.
 */
export function processWide<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`expand-contract.${name}`)
  const known: unknown = Reflect.get(globalThis, key)
  if (typeof known === 'object' && known !== null) return known as T
  const made = make()
  // It returns false where globals are frozen: then each copy has its own.
  Reflect.defineProperty(globalThis, key, { value: made, configurable: true })
  return made
}
