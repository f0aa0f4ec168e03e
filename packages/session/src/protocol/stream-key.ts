/** A stream or shared object, by application and name. */
export interface StreamKey {
  /** Application, with its instance. */
  readonly app: string
  /** Without its query. */
  readonly streamName: string
}

/**
 * The same as one string, for maps. A NUL stands between the two, which names that clients ask for can not contain, so
 * `a/b` + `c` and `a` + `b/c` stay two streams, as access rules see them.
 */
export function streamKey({ app, streamName }: StreamKey): string {
  return `${app}\0${streamName}`
}
