import type { UnleashWarning, UnleashWarningCode } from './unleash-flags-options.ts'

/** Reports each reason once, until it is over. */
export interface WarningReporter {
  once(code: UnleashWarningCode, flag: string | undefined, message: () => string): void
  /** Lets the reason be reported again when it comes back. */
  over(code: UnleashWarningCode, flag?: string): void
}

export function warningReporter(onWarning: (warning: UnleashWarning) => void): WarningReporter {
  const reported = new Set<string>()
  const key = (code: UnleashWarningCode, flag: string | undefined): string => `${code} ${flag ?? ''}`
  return {
    once(code, flag, message) {
      if (reported.has(key(code, flag))) return
      reported.add(key(code, flag))
      try {
        onWarning({ code, message: message(), ...(flag === undefined ? {} : { flag }) })
      } catch {
        // Reporting never breaks a statement.
      }
    },
    over(code, flag) {
      if (reported.size > 0) reported.delete(key(code, flag))
    },
  }
}
