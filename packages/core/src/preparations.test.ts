import { expect, test } from 'vitest'
import { prepareWithRuntime } from './preparations.ts'
import { renameColumn } from './rename-column.ts'
import { createRuntime } from './runtime.ts'

const migrations = [renameColumn({ table: 'users', from: 'name', to: 'full_name' })]

test('createRuntime waits for what drivers prepare, once for each name, and not where nothing migrates', async () => {
  const done: string[] = []
  const prepares = (name: string) => async (): Promise<void> => {
    await undefined
    done.push(name)
  }
  prepareWithRuntime('example', prepares('first'))
  prepareWithRuntime('example', prepares('second'))
  await createRuntime({ migrations: [] })
  expect(done).toEqual([])
  await createRuntime({ migrations })
  expect(done).toEqual(['second'])
})

test('what fails there is told when it is needed', async () => {
  prepareWithRuntime('example', () => {
    throw new Error('no parser')
  })
  await expect(createRuntime({ migrations })).resolves.toBeDefined()
  prepareWithRuntime('example', async () => undefined)
})
