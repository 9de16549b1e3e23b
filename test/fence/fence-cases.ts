import { type Outcome, type ProcessKind, type Protocol, REAL } from './fence-model.ts'
import { BACK, FORTH, type Step } from './protocol.ts'

const without = (...steps: readonly Step[]): readonly Step[] => BACK.filter((step) => !steps.includes(step))

const process = (name: string, kind: Partial<ProcessKind>): ProcessKind => ({
  ...{ name, beats: false, transactions: false, requests: false, stops: false, ...kind },
})

/** Two processes at once; each kind is met beside another. */
export const FLEETS: readonly { readonly name: string; readonly kinds: readonly ProcessKind[] }[] = [
  {
    name: 'transactions in one that reports, requests in one that never does',
    kinds: [process('A', { beats: true, transactions: true }), process('B', { requests: true, stops: true })],
  },
  {
    name: 'transactions in one that reports and stops, beside one that never reports',
    kinds: [process('A', { beats: true, stops: true, transactions: true }), process('B', {})],
  },
]

export const PROTOCOLS: readonly { readonly name: string; readonly protocol: Protocol }[] = [
  { name: 'expand, switch and back out of the table', protocol: REAL },
  { name: 'expand, switch, contract and hold', protocol: { steps: FORTH } },
]

export interface Mutation {
  readonly name: string
  readonly protocol: Protocol
  readonly kinds: readonly ProcessKind[]
  readonly outcome: Outcome
}

const GONE = 'names a column that is gone'
const SILENT = [process('A', {})]

/** The protocol without one of its parts, and who meets what then. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'nobody waits for leases',
    ...{ protocol: { steps: without('leases-begin', 'leases-end') }, kinds: SILENT, outcome: GONE },
  },
  {
    name: 'nobody waits for acknowledgement, and a lease is longer than the operator knows',
    protocol: { steps: without('wait-acknowledged') },
    ...{ kinds: [process('A', { beats: true, longLease: true })], outcome: GONE },
  },
  {
    name: 'the column is dropped in the phase in which it is written',
    ...{ protocol: { steps: without('record-off') }, kinds: SILENT, outcome: GONE },
  },
  {
    name: 'the column is dropped beside open transactions',
    protocol: { ...REAL, locks: false },
    ...{ kinds: [process('A', { transactions: true })], outcome: GONE },
  },
  {
    name: 'requests keep their side when it is written no longer',
    protocol: { ...REAL, pinsOutlivePhases: true },
    ...{ kinds: [process('A', { requests: true })], outcome: GONE },
  },
  {
    name: 'the switch comes before the backfill',
    protocol: { steps: ['expand', 'record-switch', 'fill'] },
    ...{ kinds: SILENT, outcome: 'reads what is not filled' },
  },
  {
    name: 'both columns without a phase mean that the flag decides',
    protocol: { steps: ['add-column', 'add-trigger', 'fill'], unknownPhase: 'switch' },
    ...{ kinds: SILENT, outcome: 'reads what is not filled' },
  },
  {
    name: 'column and trigger come in two transactions',
    protocol: { steps: ['add-column', 'add-trigger', 'fill'] },
    ...{ kinds: SILENT, outcome: 'out of step' },
  },
]
