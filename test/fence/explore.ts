import type { Model, Outcome, State } from './fence-model.ts'

export interface Explored {
  readonly states: number
  /** The shortest way to each outcome that was met. */
  readonly traces: ReadonlyMap<Outcome, readonly string[]>
}

interface Visited {
  readonly state: State
  readonly from: Visited | undefined
  readonly label: string
}

/**
 * Every state that any interleaving leads to, until there is no other one: no bound on the length of traces, since states are finite. What
 * must not be ends a trace.
 */
export function explore({ first, next }: Model): Explored {
  const seen = new Set([keyOf(first)])
  const traces = new Map<Outcome, readonly string[]>()
  let frontier: readonly Visited[] = [{ state: first, from: undefined, label: '' }]
  while (frontier.length > 0) {
    const further: Visited[] = []
    for (const visited of frontier)
      for (const { label, to, outcome } of next(visited.state)) {
        const reached = { state: to, from: visited, label }
        if (!traces.has(outcome) && outcome !== 'ok') traces.set(outcome, traceOf(reached))
        if (outcome !== 'ok' && outcome !== 'admitted') continue
        const key = keyOf(to)
        if (seen.has(key)) continue
        seen.add(key)
        further.push(reached)
      }
    frontier = further
  }
  return { states: seen.size, traces }
}

function traceOf(visited: Visited): readonly string[] {
  const labels: string[] = []
  for (let at: Visited | undefined = visited; at?.from !== undefined; at = at.from) labels.unshift(at.label)
  return labels
}

/** JSON takes five times as long. */
const keyOf = ({ done, processes }: State): string => {
  let key = `${done}`
  for (const each of processes)
    key += `;${each.known},${each.lease},${each.waitedFor},${each.planned?.read},${each.planned?.write},${each.late},${each.transaction},${each.transactionPin},${each.request},${each.requestPin},${each.stopped},${each.live},${each.acknowledged}`
  return key
}
