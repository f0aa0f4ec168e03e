/** Something the user can mend: a wrong option, or a capture that can't be read. Exit code 2. */
export class DumpError extends Error {
  override readonly name = 'DumpError'
}
