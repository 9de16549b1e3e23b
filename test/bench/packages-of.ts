import { existsSync } from 'node:fs'
import { isBuiltin, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const TESTS = new URL('../', import.meta.url).href

/**
 * From now on what the tests of this checkout import by name, our packages and those of others, is what the tests of another
 * checkout would get. The files of the tests themselves stay those of this checkout. Call it before the first such import.
 */
export function packagesOf(checkout: string): void {
  const asking = pathToFileURL(join(checkout, 'test/bench/main.ts')).href
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const mapped = isName(specifier) && context.parentURL?.startsWith(TESTS) && has(checkout, specifier)
      return nextResolve(specifier, mapped ? { ...context, parentURL: asking } : context)
    },
  })
}

/** Neither a path, nor a URL, nor a module of Node. */
const isName = (specifier: string): boolean => !/^(?:[./]|[a-z]+:)/i.test(specifier) && !isBuiltin(specifier)

/** A package of ours that the other checkout has not yet, one scenario imports and another one needs: it is that of this checkout. */
const has = (checkout: string, specifier: string): boolean =>
  !specifier.startsWith('@expand-contract/') || existsSync(join(checkout, 'test/node_modules', specifier))
