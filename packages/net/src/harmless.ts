/**
 * Text of strangers, for terminals and logs: what would move the cursor, turn the direction of writing, or has no width, is
 * shown as its code, as JSON writes it.
 */
export function harmless(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
