import { describe, expect, it } from 'vitest'
import { publicPackages, read, repositoryFiles } from './workspace.ts'

const built = (folder: string, file: string) => ({
  types: `./dist/${folder}/${file}.d.ts`,
  default: `./dist/${folder}/${file}.js`,
})

const entry = (file: string) => ({
  '@expand-contract/source': `./src/${file}.ts`,
  import: built('esm', file),
  require: built('cjs', file),
})

/** What applications load runs on any Node 22; backups need its zstd. */
const NEWER = new Map([
  ['cli', '22.15'],
  ['runner', '22.15'],
])

describe.each(publicPackages)('$manifest.name', ({ folder, manifest }) => {
  it('says what it is, in one sentence and in a README', () => {
    expect(manifest.description).toMatch(/^[A-Z].*\.$/u)
    expect(repositoryFiles()).toContain(`packages/${folder}/README.md`)
    expect(read(`packages/${folder}/README.md`)).toMatch(new RegExp(`^# ${manifest.name}\n\n\\w`, 'u'))
  })

  it(`is open, for Node ${NEWER.get(folder) ?? '22'} and newer, an ES module and CommonJS`, () => {
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      engines: { node: `>=${NEWER.get(folder) ?? '22'}` },
      publishConfig: { access: 'public' },
    })
    // For those that know no `exports`: TypeScript with `module: commonjs`, as NestJS starts a project, is one.
    expect(manifest).toMatchObject({ main: './dist/cjs/index.js', types: './dist/cjs/index.d.ts' })
  })

  it('publishes sources and build, without tests, through a closed list of exports', () => {
    const files = manifest.files?.filter((pattern) => pattern !== '!src/**/__snapshots__')
    expect(files).toEqual(['dist', 'src', '!dist/.tsbuildinfo*', '!src/**/*.test.ts'])
    expect(manifest.exports).toEqual({
      '.': entry('index'),
      // The schemas of what is printed with --json, for who reads it and runs nothing.
      ...(manifest.name === '@expand-contract/cli' && { './json': entry('json') }),
      './package.json': './package.json',
    })
  })

  it('pins what it takes from the workspace to its own version', () => {
    const ours = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(([name]) =>
      name.startsWith('@expand-contract/'),
    )
    for (const [name, range] of ours) expect(range, name).toBe('workspace:*')
  })
})

describe('releases', () => {
  it.each(['session', 'control'])('are of the version that the code says: %s', (name) => {
    const [, version] = /'(.*)'/u.exec(read(`packages/${name}/src/version.ts`)) ?? []
    expect(publicPackages[0]?.manifest.version).toBe(version)
  })

  it('give all packages one version', () => {
    expect(new Set(publicPackages.map(({ manifest }) => manifest.version)).size).toBe(1)
    const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: string[][] }
    expect(fixed.map((group) => group.toSorted())).toEqual([publicPackages.map(({ manifest }) => manifest.name).sort()])
  })
})
