/**
 * The parameters that clients append to `app` and `tcUrl` to log in: everything from `authmod=` to the end of the
 * query. Not decoded, because base64 is sent with its `+`, which a form would read as a blank.
 */
export function authmodParameters(app: string): ReadonlyMap<string, string> {
  const [, parameters = ''] = /^.*[?&](authmod=.*)$/s.exec(app) ?? []
  return parametersOf(parameters)
}

/** Parameters of a text like `a=1&b=2`, as they are. */
export function parametersOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('&').map(parameter => {
      const at = parameter.indexOf('=')
      return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)]
    }),
  )
}
