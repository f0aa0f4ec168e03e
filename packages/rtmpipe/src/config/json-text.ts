/** JSON as people write it: comments and commas at the end become blanks, so that every place stays where it is. */
export function plainJson(text: string): string {
  const blank = (part: string) => part.replace(/[^\r\n]/g, ' ')
  const withoutComments = text
    .replace(/^\uFEFF/, ' ')
    .replace(
      /("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
      (part, string: string | undefined) => string ?? blank(part),
    )
  return withoutComments.replace(
    /("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])/g,
    (_part, string: string | undefined) => string ?? ' ',
  )
}
