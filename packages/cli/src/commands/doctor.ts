import { loadParser } from '@expand-contract/sql'
import { runDoctor } from '../doctor/run-doctor.ts'
import type { CliCommand } from '../run-command.ts'
import { doctorScreen } from '../screens/doctor-screen.ts'

export const doctorCommand: CliCommand = {
  name: 'doctor',
  usage: 'doctor [id]',
  summary: 'what would make a migration fail, or the application beside it, with remedies to paste; changes nothing',
  options: [
    ['--strict', 'ends with 4 for warnings as well'],
    ['--full', 'looks at all rows, instead of the first thousand of each table'],
  ],
  examples: ['doctor', 'doctor users.full_name --strict'],
  async run(context, [id], options) {
    const migrations = id === undefined ? await context.migrations() : [await context.migration(id)]
    await using database = await context.database(id)
    await loadParser()
    const report = await runDoctor(context, database, migrations, { full: options.full === true })
    const { groups, errors, warnings, passed, disk, extensions, ms } = report
    const { facts } = database
    const found = errors > 0 || (options.strict === true && warnings > 0)
    return {
      ending: found ? 'found' : 'done',
      migration: id,
      result: { groups, errors, warnings, passed, disk, extensions, ms: Math.round(ms) },
      text: ({ width }) => doctorScreen(report, { database: facts, width, verbose: context.globals.verbose === true }),
    }
  },
}
