import { globSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const packages = join(import.meta.dirname, '../../packages')

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
