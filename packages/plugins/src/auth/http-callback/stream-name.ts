/** Whether a web server's answer can be a stream's name: what the session would take from a client. */
export function isStreamName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return name !== '' && name.length <= 512 && !/[?#\u0000-\u001f\u007f\\]|(^|\/)\.\.?(\/|$)/.test(name)
}
