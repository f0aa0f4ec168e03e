/** Text of a stranger in quotes, with nothing in it that a terminal would act on. */
export function quoted(text: string): string {
  return escapeRest(JSON.stringify(text))
}

/** The same without quotes. */
export function printable(text: string): string {
  return quoted(text).slice(1, -1).replaceAll('\\"', '"')
}

/** What JSON leaves as it is: C1 controls, and marks that change the direction of text. */
export function escapeRest(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
