// Type names are spliced into casts, so the form is closed: a name, at most one pair of brackets with plain modifiers, the
// words that SQL has after a name, and array brackets. Nothing else fits, so nothing else can be smuggled in.
const NAME = String.raw`(?:"(?:[^"\0]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const MODIFIER = String.raw`(?:-?\d+|[\p{L}_][\p{L}\p{N}_]*)`
const MODIFIERS = String.raw`\(\s*${MODIFIER}(?:\s*,\s*${MODIFIER})*\s*\)`
const ARRAY = String.raw`(?:\s*\[\s*\d*\s*\]|\s+array(?:\s*\[\s*\d+\s*\])?)`
const FIELD = '(?:year|month|day|hour|minute|second)'

const SPELLINGS = [
  String.raw`(?:${NAME}\s*\.\s*)?${NAME}(?:\s*${MODIFIERS})?`,
  String.raw`double\s+precision`,
  String.raw`(?:(?:national\s+)?(?:character|char)|nchar|bit)(?:\s+varying)?(?:\s*${MODIFIERS})?`,
  String.raw`time(?:stamp)?(?:\s*${MODIFIERS})?(?:\s+with(?:out)?\s+time\s+zone)?`,
  String.raw`interval(?:\s+${FIELD}(?:\s+to\s+${FIELD})?)?(?:\s*\(\s*\d+\s*\))?`,
]

const TYPE_NAME = new RegExp(String.raw`^\s*(?:${SPELLINGS.join('|')})${ARRAY}*\s*$`, 'iu')

/** True for one type name: `text`, `numeric(12,2)`, `timestamp(3) with time zone`, `crm."Kind"[]`, `geometry(Point,4326)`. */
export function isTypeName(type: unknown): type is string {
  return typeof type === 'string' && TYPE_NAME.test(type)
}
