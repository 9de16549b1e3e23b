#!/usr/bin/env node
import { hostname, userInfo } from 'node:os'
import { run } from './run.ts'

const ended = run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  user: userInfo().username,
  host: hostname(),
  onSignal(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener)
    return () => process.off('SIGINT', listener).off('SIGTERM', listener)
  },
})

// Not awaited at the top: the build as CommonJS knows no such thing.
void ended.then((exitCode) => {
  process.exitCode = exitCode
})
