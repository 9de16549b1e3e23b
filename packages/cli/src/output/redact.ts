/** `postgres://user:secret@host/db`, wherever it stands, also where it is no valid URL, as without the colon of `postgres:`. */
const URL_PASSWORD = /(?<before>\/\/[^\s:/@'"]*:)[^\s'"]*(?<after>@)/gu
/** `password=secret` of a connection string, and JSON. */
const NAMED = /(?<before>\b(?:password|pgpassword|sslpassword)\b["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&}]+)/giu

/** In a line for a shell: `AWS_SECRET_ACCESS_KEY=...`, `--token ...`. */
const VARIABLES =
  /(?<before>(?:\b\w*(?:pass|secret|token|credential|access_?key|api_?key)\w*\s*[=:]\s*)|(?:--?[\w-]*(?:pass|secret|token|credential|key)[\w-]*(?:=|\s+)))(?:"[^"]*"|'[^']*'|[^\s;&|]+)/giu

/**
 * Takes passwords out of a text, at the one place that prints. `secrets` are those that are known: an error may quote one in a way
 * that no pattern knows.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let redacted = text.replaceAll(URL_PASSWORD, '$<before>***$<after>').replaceAll(NAMED, '$<before>***')
  for (const secret of secrets) if (secret.length > 0) redacted = redacted.replaceAll(secret, '***')
  return redacted
}

/** The same for a line that a shell runs, before it is written down. */
export const redactLine = (line: string, secrets: readonly string[] = []): string =>
  redact(line, secrets).replaceAll(VARIABLES, '$<before>***')
