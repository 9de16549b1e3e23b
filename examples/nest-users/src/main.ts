import { createApplication } from './create-application.ts'

const app = await createApplication()
await app.listen(process.env.PORT ?? 3000, '127.0.0.1')
console.log(`The users are at ${await app.getUrl()}`)
