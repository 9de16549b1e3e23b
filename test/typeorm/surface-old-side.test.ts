import { surfaceSuite } from './surface.ts'

surfaceSuite('old')
