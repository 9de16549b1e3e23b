import { ID, type StageState } from './stage-databases.ts'

/** Every command that changes something, from where it can be run, with a line that can be run again after it was killed. */
export const COMMANDS: readonly (readonly [line: string, from: StageState])[] = [
  [`expand ${ID} --yes`, 'begun'],
  [`backfill ${ID}`, 'expanded'],
  [`expand ${ID} --yes`, 'unbuilt'],
  [`verify ${ID}`, 'backfilled'],
  [`repair ${ID} --yes`, 'differing'],
  [`switch ${ID} --yes`, 'verified'],
  [`rollback ${ID} --to expand --yes`, 'switched'],
  [`rollback ${ID} --to off --confirm users.full_name@DATABASE`, 'backfilled'],
  [`contract ${ID} --override soak --reason test --yes`, 'switched'],
  [`rollback ${ID} --to switch --yes`, 'contracted'],
  [`hold ${ID} --yes`, 'contracted'],
  [`unhold ${ID} --yes`, 'held'],
  [`rollback ${ID} --to switch --yes`, 'held'],
  [`drop ${ID} --confirm users.name@DATABASE`, 'held'],
  [`rollback ${ID} --yes`, 'contracted'],
]
