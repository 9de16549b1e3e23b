import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

// The tools colour their output whenever they see CI, which makes a log file hard to read.
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' }

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

/** What `npm test` runs, the quick ones first: the first failure ends it. */
const STEPS: readonly Step[] = [
  { name: 'lint and format', command: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'unused files, exports and dependencies', command: ['knip'] },
  { name: 'build', command: ['pnpm', 'build'] },
  { name: 'types of tests and examples', command: ['tsc', '-p', 'tsconfig.check.json'] },
  { name: 'types with the oldest TypeORM', command: ['tsc', '-p', 'test/typeorm/tsconfig.oldest.json'] },
  { name: 'tests', command: ['vitest', 'run'] },
]

interface Outcome {
  readonly step: Step
  readonly seconds: number
  readonly ok: boolean
}

async function run(step: Step): Promise<Outcome> {
  console.log(`\n=== ${step.name}: ${step.command.join(' ')}`)
  const started = performance.now()
  const [program = '', ...args] = step.command
  const child = spawn(program, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { step, seconds: (performance.now() - started) / 1000, ok: code === 0 }
}

const outcomes: Outcome[] = []
for (const step of STEPS) {
  const outcome = await run(step)
  outcomes.push(outcome)
  if (!outcome.ok) break
}

console.log(
  `\n=== summary: Node ${process.version}, ${process.platform}-${process.arch}, ${availableParallelism()} cores`,
)
for (const [index, step] of STEPS.entries()) {
  const outcome = outcomes[index]
  const state = outcome === undefined ? 'not run' : outcome.ok ? 'ok' : 'FAILED'
  console.log(`${state.padEnd(8)} ${(outcome?.seconds ?? 0).toFixed(1).padStart(7)} s  ${step.name}`)
}
if (outcomes.some((outcome) => !outcome.ok)) process.exitCode = 1
