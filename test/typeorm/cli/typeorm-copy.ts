import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Loaded ahead of a program: `typeorm` is then the copy in the folder that TYPEORM_FOLDER names, for all of it.
const parentURL = pathToFileURL(join(process.env.TYPEORM_FOLDER ?? '', 'package.json')).href

registerHooks({
  resolve: (specifier, context, next) =>
    /^typeorm(?=$|\/)/u.test(specifier) ? next(specifier, { ...context, parentURL }) : next(specifier, context),
})
