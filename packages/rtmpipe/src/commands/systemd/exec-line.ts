/** A command line as `ExecStart=` reads it (systemd.service(5)): words in quotes where they need them. */
export function execLine(words: readonly string[]): string {
  return words.map(execWord).join(' ')
}

function execWord(word: string): string {
  // Specifiers and variables are replaced in quotes too.
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[\w@%+=:,./$-]+$/.test(literal)) return literal
  return `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
