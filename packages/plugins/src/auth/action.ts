import { type ConnectionInfo, deny, type Denial, type StatusCode } from '@rtmpipe/session'

/** What a client may want to do with a stream. */
export type Action = 'publish' | 'play'

const codes: Readonly<Record<Action | 'connect', StatusCode>> = {
  connect: 'NetConnection.Connect.Rejected',
  publish: 'NetStream.Publish.Denied',
  play: 'NetStream.Play.Failed',
}

/** A denial with the status code that clients know for this action. Its description is shown: no secrets in it. */
export function refuse(what: Action | 'connect', description: string): Denial {
  return deny(codes[what], description)
}

/** The same of who has to say who it is, and has not, or not so that it can be believed: over HTTP that is 401. */
export function refuseUnknown(what: Action, description: string): Denial {
  return deny(codes[what], description, { httpStatus: 401 })
}

/**
 * The same denial for a page, which has come with an HTTP request: its connection goes on, because calls and shared objects
 * may share it. Encoders and players of a stream alone are ended.
 */
export function forPages(denial: Denial, { request }: ConnectionInfo): Denial {
  return request === undefined ? denial : { ...denial, keepsConnection: true }
}
