/** What each gate asks for, in the order to work in. */
const GATES: Readonly<Record<string, string>> = {
  backfilled: 'every range of the table is filled',
  parity:
    'the new column has the indexes, constraints, grants and comments of the old one; what is yours is accepted by name',
  statistics: 'the table was analyzed after the backfill, so that plans on the new column are chosen with figures',
  trigger: 'the sync trigger is as expand made it, on every member',
  verified: 'a clean pass in this epoch, with the sync trigger on throughout',
  'round-trip': 'every value comes back from the new column, or the loss was accepted by name',
  acknowledged: 'every live process knows the phase that is recorded',
  plans: 'no recorded statement is planned markedly dearer on the new column, or it was accepted by name',
}

export const gatesHelp = (): string =>
  `Gates to switch, in the order to work in:\n${Object.entries(GATES)
    .map(([id, what]) => `  ${id.padEnd(14)}${what}`)
    .join('\n')}\n`
