import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { importsOf, packages } from './workspace.ts'

it.each(packages)('no file of $folder imports itself through others, not even for a type', ({ sources }) => {
  const graph = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(posix.dirname(file), specifier)),
    ]),
  )
  expect(circleIn(graph)).toBeUndefined()
})

/** The files of one circle in the order of their imports, the first once more at the end. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ')
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...path, file])
      if (found !== undefined) return found
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const found = visit(file, [])
    if (found !== undefined) return found
  }
  return undefined
}
