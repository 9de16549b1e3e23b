/** A node of `EXPLAIN (FORMAT JSON)`, as far as it is looked at. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Total Cost': number
  readonly 'Startup Cost': number
  readonly 'Plan Rows': number
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly Operation?: string
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly Filter?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'Join Filter'?: string
  readonly 'Sort Key'?: readonly string[]
  readonly Plans?: readonly PlanNode[]
}

/** Conditions are of a generic plan: they have parameters where values would be. */
const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Hash Cond', 'Merge Cond', 'Join Filter', 'Filter'] as const

/** As PostgreSQL writes plans for people. */
export function planText(node: PlanNode, depth = 0): string {
  const arrow = depth === 0 ? '' : `${' '.repeat(6 * depth - 4)}->  `
  const inner = ' '.repeat(6 * depth + 2)
  const { Operation: operation, 'Sort Key': sort } = node
  const name = operation === undefined ? node['Node Type'] : operation
  const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
  const relation = node['Relation Name'] === undefined ? '' : ` on ${node['Relation Name']}`
  const alias = node.Alias === undefined || node.Alias === node['Relation Name'] ? '' : ` ${node.Alias}`
  const cost = `  (cost=${node['Startup Cost'].toFixed(2)}..${node['Total Cost'].toFixed(2)} rows=${node['Plan Rows']})`
  return [
    `${arrow}${name}${index}${relation}${alias}${cost}`,
    ...(sort === undefined ? [] : [`${inner}Sort Key: ${sort.join(', ')}`]),
    ...CONDITIONS.flatMap((key) => (node[key] === undefined ? [] : [`${inner}${key}: ${node[key]}`])),
    ...(node.Plans ?? []).map((child) => planText(child, depth + 1)),
  ].join('\n')
}

/** A table that is read from its first to its last page, where an index was used before. */
export interface SeqScan {
  readonly relation: string
  /** `Index Scan using users_name_idx`. */
  readonly insteadOf: string
}

interface Scans {
  /** Relation to how often it is read whole. */
  readonly whole: Map<string, number>
  /** Relation to the first node that reads it by an index. */
  readonly byIndex: Map<string, string>
}

function scansOf(node: PlanNode, scans: Scans = { whole: new Map(), byIndex: new Map() }): Scans {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index } = node
  if (relation !== undefined && type.endsWith('Seq Scan'))
    scans.whole.set(relation, (scans.whole.get(relation) ?? 0) + 1)
  if (relation !== undefined && /^(?:Index|Bitmap Heap)/u.test(type) && !scans.byIndex.has(relation)) {
    const used = index ?? node.Plans?.map((each) => each['Index Name']).find((each) => each !== undefined)
    scans.byIndex.set(relation, used === undefined ? type : `${type} using ${used}`)
  }
  for (const child of node.Plans ?? []) scansOf(child, scans)
  return scans
}

/** Tables that the second plan reads whole more often than the first, which has an index for them. */
export function seqScansInstead(before: PlanNode, after: PlanNode): readonly SeqScan[] {
  const [old, added] = [scansOf(before), scansOf(after)]
  return [...added.whole].flatMap(([relation, count]) => {
    const insteadOf = old.byIndex.get(relation)
    return insteadOf !== undefined && count > (old.whole.get(relation) ?? 0) ? [{ relation, insteadOf }] : []
  })
}
