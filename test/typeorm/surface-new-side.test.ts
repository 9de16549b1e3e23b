import { surfaceSuite } from './surface.ts'

surfaceSuite('new')
