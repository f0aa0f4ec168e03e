import type { RtmpErrorCode } from '@rtmpipe/chunk-stream'

/** What a dump complains of by itself; each has a row in `docs/dump.md`. */
export const complaints = {
  // The capture.
  'capture-damaged': 'the capture file can not be read on',
  'capture-packet': 'a captured packet is cut short, a fragment, or of a network this program does not know',
  'capture-lost': 'bytes of a connection are not in the capture',
  'capture-joined': 'the capture begins inside of the connection',
  // The handshake.
  'not-rtmp': 'what was sent does not begin like RTMP',
  encrypted: 'RTMPE, or a session of RTMFP: it can not be read without the keys',
  'handshake-digest': 'C1 or S1 promises a digest but has no valid one',
  // Chunks.
  'first-format': 'a chunk stream begins with a format other than 0',
  'header-inside-message': 'a message is continued with a format other than 3',
  'no-extended-timestamp': 'a chunk lacks the extended timestamp that the message began with',
  'chunk-size-small': 'a chunk size below 128',
  'chunk-size-large': 'a chunk size above the longest message',
  'message-long': 'a message that this server would not take by default',
  // RTMFP.
  'rtmfp-packet': 'a packet of RTMFP that no key opens: damaged, forged, or of a session that is not known',
  'rtmfp-chunk-form': 'a chunk of RTMFP whose bytes do not fit its type',
  'rtmfp-message-form': 'a message of a flow that is too short for its header',
  // Messages.
  'message-type': 'an unknown message type',
  'message-stream': 'a message on a message stream that is not open, or not the right one for it',
  'control-chunk-stream': 'protocol control off chunk stream 2, or something else on it',
  'control-body': 'the body of a protocol control or user control message does not fit its type',
  'aggregate-back-pointer': 'a wrong length behind a part of an aggregate message',
  'timestamp-back': 'audio or video goes back in time',
  // Commands.
  'command-form': 'a command without a name, or with a transaction id that is no number',
  'command-state': 'a command that can not be sent now',
  // Media.
  'media-early': 'audio or video on a stream that is not published or played',
  'media-form': 'audio or video that is cut short or of an unknown codec',
  'media-no-header': 'coded audio or video before its sequence header',
  'media-no-keyframe': 'video that does not begin with a keyframe',
  // Acknowledgements.
  'acknowledgement-beyond': 'more bytes acknowledged than were sent',
  'acknowledgement-late': 'twice the window was sent without an acknowledgement',
} as const

/** Stable: one of {@link complaints}, or the code of the error that reading met. */
export type ComplaintCode = keyof typeof complaints | RtmpErrorCode
