import { createHash } from 'node:crypto'
import { SarifBuilder, SarifResultBuilder, SarifRuleBuilder, SarifRunBuilder } from 'node-sarif-builder'
import { VERSION } from '../../version.ts'
import { CHECK_RULES } from '../check-rules.ts'
import { type Finding, lineAndColumn } from '../finding.ts'
import type { CheckReport } from '../report.ts'

const RULES_PAGE = 'docs/operations/check.md'

/** SARIF 2.1.0, which code scanning takes: there a finding can block, and be dismissed with a reason. */
export function sarifReport({ findings }: CheckReport): string {
  const run = new SarifRunBuilder().initSimple({ toolDriverName: 'expand-contract', toolDriverVersion: VERSION })
  for (const [id, { what, why, level }] of Object.entries(CHECK_RULES)) {
    const rule = new SarifRuleBuilder().initSimple({ ruleId: id, shortDescriptionText: what, fullDescriptionText: why })
    rule.rule.defaultConfiguration = { level }
    rule.rule.help = { text: `${what} ${why} See ${RULES_PAGE}.` }
    run.addRule(rule)
  }
  for (const each of findings) run.addResult(resultOf(each))
  const builder = new SarifBuilder()
  builder.addRun(run)
  return builder.buildSarifJsonString({ indent: true })
}

function resultOf({ rule, level, message, place, note, help }: Finding): SarifResultBuilder {
  const [from, to] = [lineAndColumn(place.text, place.start), lineAndColumn(place.text, place.end)]
  const result = new SarifResultBuilder().initSimple({
    ...{ level, ruleId: rule, fileUri: place.file },
    messageText: [message, ...(note === undefined ? [] : [note]), `help: ${help}`].join('\n'),
    ...{
      startLine: from.line,
      startColumn: from.column,
      endLine: to.line,
      endColumn: Math.max(to.column, from.column + 1),
    },
  })
  // Stays the same while lines above come and go, so that what was dismissed stays dismissed.
  const identity = createHash('sha256')
    .update(`${rule}\n${place.file}\n${message.replaceAll(/\d/gu, '')}`)
    .digest('hex')
  result.result.partialFingerprints = { 'expandContract/v1': identity }
  return result
}
