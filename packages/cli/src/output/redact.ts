/** `postgres://user:secret@host/db`, wherever it stands, also where it is no valid URL, as without the colon of `postgres:`. */
const URL_PASSWORD = /(?<before>\/\/[^\s:/@'"]*:)[^\s'"]*(?<after>@)/gu
/** `password=secret` of a connection string, and JSON. */
const NAMED = /(?<before>\b(?:password|pgpassword|sslpassword)\b["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&}]+)/giu

/**
 * Takes passwords out of a text, at the one place that prints. `secrets` are those that are known: an error may quote one in a way
 * that no pattern knows.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let redacted = text.replaceAll(URL_PASSWORD, '$<before>***$<after>').replaceAll(NAMED, '$<before>***')
  for (const secret of secrets) if (secret.length > 0) redacted = redacted.replaceAll(secret, '***')
  return redacted
}
