/** A stream's name as the log shows it: one that is a query alone is a key. */
export function loggedName(streamName: string): string {
  return streamName.startsWith('?') ? '?…' : streamName
}
