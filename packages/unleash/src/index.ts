export { UNLEASH_ERRORS, type UnleashErrorCode } from './error-catalogue.ts'
export { unleashFlags } from './unleash-flags.ts'
export type { UnleashFlagsOptions, UnleashWarning, UnleashWarningCode } from './unleash-flags-options.ts'
export type {
  UnleashContext,
  UnleashDependency,
  UnleashFeature,
  UnleashLike,
  UnleashStrategy,
  UnleashVariant,
} from './unleash-like.ts'
