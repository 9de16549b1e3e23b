import { defineConfig } from '@expand-contract/cli'

export default defineConfig({ typeorm: { dataSource: './src/data-source.ts' } })
