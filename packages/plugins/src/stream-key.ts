/** A text for each stream, as a key of maps. Names can't contain NUL. */
export function streamKey({ app, streamName }: { readonly app: string; readonly streamName: string }): string {
  return `${app}\0${streamName}`
}
