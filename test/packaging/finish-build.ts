import { existsSync, globSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { embedParser } from './embed-parser.ts'

/** What `tsc -b` leaves undone in the `dist` folders of the packages. */
const packages = join(import.meta.dirname, '../../packages')

// The compiler never deletes what it emitted for a source file that is gone, and `pnpm pack` would publish it.
for (const path of globSync('*/dist/**/*.{js,d.ts,js.map,d.ts.map}', { cwd: packages })) {
  const source = path
    .replace(/^([^/\\]+.)dist.(?:esm|cjs)(?=[/\\])/u, '$1src')
    .replace(/(?:\.d\.ts|\.js)(?:\.map)?$/u, '.ts')
  if (!existsSync(join(packages, source))) rmSync(join(packages, path))
}

// `rewriteRelativeImportExtensions` changes the emitted JavaScript alone; declarations keep `./name.ts`, which only
// compilers since TypeScript 5 follow to `./name.d.ts`. The two extensions are equally long, so declaration maps stay
// right, and the time of the file is kept, so that `tsc -b` still takes it for its own output.
const RELATIVE_TS = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/gu

for (const path of globSync('*/dist/**/*.d.ts', { cwd: packages })) {
  const file = join(packages, path)
  const text = readFileSync(file, 'utf8')
  const rewritten = text.replaceAll(RELATIVE_TS, '$1.js$2')
  if (rewritten === text) continue
  const { atime, mtime } = statSync(file)
  writeFileSync(file, rewritten)
  utimesSync(file, atime, mtime)
}

// The packages are of the type "module"; this says that what is below it is not.
for (const folder of globSync('*/dist/cjs', { cwd: packages }))
  writeFileSync(join(packages, folder, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`)

embedParser(join(packages, 'sql'))
