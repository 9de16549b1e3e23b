import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, Ask } from './interleave.ts'
import { scenarios } from './scenarios.ts'
import { connectSubjects } from './subjects.ts'

interface Work {
  readonly url: string
  readonly scenario: number
  readonly variant: number
}

/** One variant of one scenario, run when the main thread asks for it. */
const { url, scenario: number, variant: index } = workerData as Work
const scenario = scenarios[number]
if (scenario === undefined || parentPort === null) throw new Error(`there is no scenario ${number}`)
const port = parentPort
const subjects = await connectSubjects(url)
await scenario.prepare?.(subjects)
const around = scenario.around?.(subjects)
const aroundWarmUp = scenario.aroundWarmUp?.(subjects) ?? around
let isWarm = false
const variants = scenario.variants(subjects)
const variant = variants[index]
if (variant === undefined) throw new Error(`${scenario.name} has no variant ${index}`)

async function answer(ask: Ask): Promise<Answer> {
  if (ask === 'stop') {
    await scenario?.close?.()
    return void (await subjects.end())
  }
  if (ask === 'begin to warm up') return void (await aroundWarmUp?.begin())
  if (ask === 'begin') return void (await around?.begin())
  if (ask === 'end') {
    await (isWarm ? around : aroundWarmUp)?.end()
    isWarm = true
    return undefined
  }
  if (ask.warmUp) {
    for (let turn = 0; turn < ask.turns; turn++) await variant?.run(ask.first + turn)
    return undefined
  }
  const us = new Float64Array(ask.turns)
  const before = process.threadCpuUsage()
  for (let turn = 0; turn < ask.turns; turn++) {
    variant?.before?.()
    const started = performance.now()
    await variant?.run(ask.first + turn)
    us[turn] = (performance.now() - started) * 1_000
  }
  const { user, system } = process.threadCpuUsage(before)
  return { us, cpuUs: variant?.before === undefined ? (user + system) / ask.turns : Number.NaN }
}

port.on('message', async (ask: Ask) => port.postMessage(await answer(ask)))
port.postMessage(variants.map(({ name }) => name))
