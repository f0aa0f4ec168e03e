/** Whether a web server's answer can be a stream name: the same names that the session accepts from clients. */
export function isStreamName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return name !== '' && name.length <= 512 && !/[?#\u0000-\u001f\u007f-\u009f\\]|(^|\/)\.\.?(\/|$)/.test(name)
}
