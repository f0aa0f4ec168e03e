/** A stream or shared object, by application and name. */
export interface StreamKey {
  /** Application, with its instance. */
  readonly app: string
  /** Without its query. */
  readonly streamName: string
}

/**
 * The same as one string, for maps. Names that clients ask for contain no NUL (see {@link streamTarget}), so `a/b` + `c` and `a` + `b/c` stay two
 * streams, as access rules see them.
 */
export function streamKey({ app, streamName }: StreamKey): string {
  return `${app}\0${streamName}`
}
