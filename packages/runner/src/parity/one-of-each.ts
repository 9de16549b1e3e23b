/**
 * Of those that are the same, one: the counterpart of one is that of all, and two of them could not be told apart when one is there and the other
 * is not. `better` is taken before others, as a constraint that is validated.
 */
export function oneOfEach<T>(
  all: readonly T[],
  keyOf: (each: T) => string,
  better: (each: T) => boolean = () => false,
): readonly T[] {
  const kept = new Map<string, T>()
  for (const each of all) {
    const key = keyOf(each)
    const known = kept.get(key)
    if (known === undefined || (better(each) && !better(known))) kept.set(key, each)
  }
  return [...kept.values()]
}
