import { describe, expect, it } from 'vitest'
import { packages, read, repositoryFiles } from './workspace.ts'

/** Of what is published; a test is a list of cases and may be longer. */
const SOURCE_LIMIT = 300
const LIMIT = 400

const published = new Set(packages.flatMap(({ sources }) => sources))
const code = repositoryFiles().filter((file) => /\.(?:ts|js|mts|mjs)$/u.test(file))
const lengths = new Map(code.map((file) => [file, read(file).split('\n').length]))

const limitOf = (file: string): number => (published.has(file) ? SOURCE_LIMIT : LIMIT)
const isLong = (file: string): boolean => (lengths.get(file) ?? 0) > limitOf(file)

/** A line among the first ten: `// Longer than 300 lines: <reason>`. */
function givesReason(file: string): boolean {
  const head = read(file).split('\n').slice(0, 10)
  return head.some((line) => new RegExp(`^// Longer than ${limitOf(file)} lines: \\S`, 'u').test(line))
}

describe('the length of files', () => {
  it('stays under the limit, or the file says why in its first lines', () => {
    const sorted = [...published].map((file) => lengths.get(file) ?? 0).sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
    console.log(
      `${sorted.length} source files: median ${at(0.5)} lines, nine in ten under ${at(0.9)}, longest ${at(1)}`,
    )

    const silent = code.filter((file) => isLong(file) && !givesReason(file))
    expect(silent.map((file) => `${file} needs: // Longer than ${limitOf(file)} lines: <reason>`)).toEqual([])
  })

  it('is no reason any more where a file has become shorter', () => {
    expect(code.filter((file) => givesReason(file) && !isLong(file))).toEqual([])
  })
})
