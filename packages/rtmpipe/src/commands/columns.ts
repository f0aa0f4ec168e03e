const segmenter = new Intl.Segmenter()
/** Characters that take two columns of a terminal, about. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Columns of a terminal that a text takes. */
export function columnsOf(text: string): number {
  return charactersOf(text).reduce((sum, character) => sum + columnsOfOne(character), 0)
}

/** The text, or as much of it as has room, with a mark at its end. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let shown = ''
  let room = columns - 1
  for (const character of charactersOf(text)) {
    room -= columnsOfOne(character)
    if (room < 0) break
    shown += character
  }
  return `${shown}…`
}

/** Blanks that fill a text up. */
export function blanks(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

function columnsOfOne(character: string): number {
  return wide.test(character) ? 2 : 1
}

function charactersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}
