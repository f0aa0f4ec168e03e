/** A playlist that lists others, each with a query behind its name. @param query with its `?` */
export function withQuery(playlist: string, query: string): string {
  return playlist.replace(/^[^#\n]+$|(?<=URI=")[^"]+(?=")/gm, name => `${name}${query}`)
}
