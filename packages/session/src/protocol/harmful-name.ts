/**
 * True for a name that could do harm in logs, files or other servers: control characters (C1, which terminals obey too,
 * among them), backslashes, `.` and `..` as parts, with blanks around them too, which others may trim.
 */
export function isHarmful(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f-\u009f\\]|(^|\/)\s*\.\.?\s*(\/|$)/.test(name)
}
