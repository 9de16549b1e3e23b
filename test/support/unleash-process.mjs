// Plain JavaScript, so that every Node that may run the tests can run it as a process of its own. All settings are in the
// environment. The process ends with its parent, however that ends: then its standard input closes.
import { start } from 'unleash-server'

const quiet = () => ({
  debug() {},
  info() {},
  warn() {},
  error: (...what) => process.stderr.write(`${what.join(' ')}\n`),
  fatal() {},
})
const server = await start({ getLogger: quiet, server: { gracefulShutdownEnable: false } })
process.send?.('started')

process.stdin.resume().once('end', async () => {
  // A pool that is busy with a database that has gone must not keep the process.
  setTimeout(() => process.exit(1), 3_000).unref()
  await server.stop()
  process.exit(0)
})
