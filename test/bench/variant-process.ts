import type { Answer, Ask, Work } from './measured-process.ts'
import { packagesOf } from './packages-of.ts'

/** One variant of one scenario, run when the bench asks for it. */
const { url, scenario: number, variant: index, before } = JSON.parse(process.argv[2] ?? '') as Work

async function open() {
  if (before !== undefined) packagesOf(before)
  const { scenarios } = await import('./scenarios.ts')
  const variant = scenarios[number]?.variants[index]
  if (variant === undefined) throw new Error(`there is no variant ${index} of scenario ${number}`)
  return variant.open(url)
}

/** What fails is told to the bench, which knows what it is worth. */
async function told<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    process.send?.({ failed: { message, stack } }, () => process.exit(1))
    return new Promise(() => {})
  }
}

const opened = await told(open)

async function answer(ask: Ask): Promise<Answer> {
  if (opened === undefined) return undefined
  if (ask.kind === 'execute') return void (await opened.execute(ask.text))
  if (ask.kind === 'close') return void (await opened.close())
  const { first, turns, measured } = ask
  if (!measured) {
    for (let turn = 0; turn < turns; turn++) await opened.run(first + turn)
    return undefined
  }
  const us = new Float64Array(turns)
  const cpu = process.cpuUsage()
  for (let turn = 0; turn < turns; turn++) {
    opened.before?.()
    const started = performance.now()
    await opened.run(first + turn)
    us[turn] = (performance.now() - started) * 1_000
  }
  const { user, system } = process.cpuUsage(cpu)
  return { us, cpuUs: opened.before === undefined ? (user + system) / turns : Number.NaN }
}

process.on('message', async (ask: Ask) => process.send?.({ answer: await told(() => answer(ask)) }))
process.send?.({ answer: undefined })
