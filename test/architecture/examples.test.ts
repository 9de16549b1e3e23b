import { describe, expect, it } from 'vitest'
import { read, repositoryFiles } from './workspace.ts'

const files = repositoryFiles()
const examples = [...new Set(files.flatMap((file) => /^examples\/([^/]+)\//u.exec(file)?.[1] ?? []))]

describe.each(examples)('examples/%s', (example) => {
  it('is run by a test', () => {
    expect(files).toContain(`test/examples/${example}.test.ts`)
  })

  it('starts with one command', () => {
    const { scripts } = JSON.parse(read(`examples/${example}/package.json`)) as { scripts?: Record<string, string> }
    expect(scripts).toHaveProperty('start')
  })
})

it('the example of the README is a file that runs', () => {
  expect(read('README.md')).toContain(`\`\`\`ts\n${read('examples/quick-start/quick-start.ts')}\`\`\`\n`)
})

it.each(['examples/typeorm-shop/src/entities.ts', 'examples/drizzle-shop/src/schema.ts'])(
  'what the README shows of %s is in it',
  (file) => {
    const [, diff = ''] =
      new RegExp(`\\]\\(${file}\\)[^\`]*\`\`\`diff\\n([^\`]+)\`\`\``, 'u').exec(read('README.md')) ?? []
    const shown = diff.split('\n').filter((line) => /^[ +]/u.test(line))
    expect(shown.length).toBeGreaterThan(2)
    expect(read(file)).toContain(shown.map((line) => line.slice(1)).join('\n'))
  },
)
