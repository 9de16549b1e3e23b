const { DATABASE_URL: url = '', MIGRATIONS = '' } = process.env

export const options = { type: 'postgres' as const, url, migrations: [`${MIGRATIONS}/*.ts`], installExtensions: false }
