#!/usr/bin/env node
import { isOldNode, oldNodeText } from './node-version.ts'

const argv = process.argv.slice(2)

// Everything else is loaded behind this: an old Node would end at a module that it does not know, with a stack.
if (isOldNode(process.versions)) {
  const { stdout, stderr } = oldNodeText({ version: process.version, argv })
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  process.exitCode = 2
} else void import('./run-process.ts').then(({ runProcess }) => runProcess(argv))
