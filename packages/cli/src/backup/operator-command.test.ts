import { expect, test } from 'vitest'
import { type OperatorCommand, runOperatorCommand } from './operator-command.ts'

const command = (more: Partial<OperatorCommand>): OperatorCommand => ({
  ...{ line: 'echo rows', flag: '--command', cwd: '/', env: process.env, onError: () => undefined },
  ...{ signal: new AbortController().signal, timeoutMs: undefined },
  ...more,
})

test('a patience that is longer than a timer of Node is no hurry', async () => {
  expect(await runOperatorCommand(command({ timeoutMs: 30 * 86_400_000 }))).toBe(5)
})

test('a command that cannot be started says so by a code', async () => {
  await expect(runOperatorCommand(command({ cwd: '/there is no such folder' }))).rejects.toMatchObject({
    code: 'EC_BACKUP_COMMAND',
    message: expect.stringContaining('could not be started (ENOENT)'),
  })
})
