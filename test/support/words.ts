/**
 * A command line's arguments: the text is split at blanks, a value never is, and a list that stands alone gives one
 * argument for each of its values.
 *
 * @example
 * words`-i ${file} -map 0:${stream} ${more}` // ['-i', file, '-map', '0:v', …more]
 */
export function words(
  text: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string[] {
  const line = text.reduce((before, part, index) => `${before}\0${index - 1}\0${part}`)
  return line
    .split(/\s+/)
    .filter(word => word !== '')
    .flatMap(word => {
      const alone = values[Number(/^\0(\d+)\0$/.exec(word)?.[1] ?? -1)]
      if (typeof alone === 'object') return alone
      return word.replace(/\0(\d+)\0/g, (_, index) => String(values[Number(index)]))
    })
}
