/** A text as a POSIX shell takes it for one word: an id is made of names, which may have spaces and quotes, and a remedy is there to paste. */
export const shellWord = (text: string): string =>
  /^[\w./:=@+,-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
