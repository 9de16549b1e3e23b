import { expect, test } from 'vitest'
import { read } from '../architecture/workspace.ts'
import { CLI_REFERENCES } from './cli-reference.ts'

test.each(Object.keys(CLI_REFERENCES))('%s is what the command line says', (file) => {
  expect(read(file), 'run `pnpm docs:cli`').toBe(CLI_REFERENCES[file]?.())
})
