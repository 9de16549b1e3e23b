// Plain JavaScript, so that an old Node reaches the sentence below instead of a syntax error in a .ts file.
const NEEDED = [22, 18]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const recent = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])

console.log(`Node ${process.version} at ${process.execPath}`)
if (!recent) {
  console.error(
    `The tests need Node ${NEEDED.join('.')} or newer. The install brings one where the npm package \`node\` has a binary for the platform (${process.platform}-${process.arch}); here it has none, so install a newer Node.`,
  )
  process.exitCode = 1
}
