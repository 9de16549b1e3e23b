/** Global set-up of every run: says which Node runs the tests, and ends one that is too old for what is published. */
export function setup(): void {
  console.log(`Node ${process.version}`)
  if (Number(process.versions.node.split('.')[0]) < 22)
    throw new Error(
      `The tests need Node 22 or newer, and this is ${process.version}. Use \`npm test\`, which brings its own.`,
    )
}
