import type { Answer, Ask, Work } from './interleave.ts'
import { scenarios } from './scenarios.ts'

/** One variant of one scenario, run when the bench asks for it. */
const { url, scenario: number, variant: index } = JSON.parse(process.argv[2] ?? '') as Work
const variant = scenarios[number]?.variants[index]
if (variant === undefined || process.send === undefined)
  throw new Error(`there is no variant ${index} of scenario ${number}`)
const opened = await variant.open(url)

async function answer(ask: Ask): Promise<Answer> {
  if (ask.kind === 'execute') return void (await opened.execute(ask.text))
  if (ask.kind === 'close') return void (await opened.close())
  const { first, turns, measured } = ask
  if (!measured) {
    for (let turn = 0; turn < turns; turn++) await opened.run(first + turn)
    return undefined
  }
  const us = new Float64Array(turns)
  const before = process.cpuUsage()
  for (let turn = 0; turn < turns; turn++) {
    opened.before?.()
    const started = performance.now()
    await opened.run(first + turn)
    us[turn] = (performance.now() - started) * 1_000
  }
  const { user, system } = process.cpuUsage(before)
  return { us, cpuUs: opened.before === undefined ? (user + system) / turns : Number.NaN }
}

process.on('message', async (ask: Ask) => process.send?.({ answer: await answer(ask) }))
process.send({ answer: undefined })
