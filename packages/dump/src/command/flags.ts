// Plain data without imports: `rtmpipe` prints it in its help before it loads the rest.

/** The argument of `rtmpipe-dump`, as commander takes it. */
export const captureArgument: readonly [name: string, description: string] = [
  '<capture>',
  'pcap, pcapng, or the bytes one side sent, from C0 or S0 on; - for standard input',
]

/** What `rtmpipe-dump` does. */
export const dumpSummary = 'print the handshake and messages of a capture, and what is wrong with them'

/** The options of `rtmpipe-dump`, as commander takes them. */
export const dumpFlags: readonly (readonly [flags: string, description: string])[] = [
  ['--json', 'one JSON object per line'],
  ['--chunks', 'print every chunk too'],
  ['--hex <n>', 'print the first n bytes of every message'],
  ['--type <types>', 'only messages of these types: control,audio,video,data,shared-object,command,aggregate,unknown'],
  ['--limit <n>', 'stop after n messages'],
  ['--show-names', 'show stream names and query values, which may be secret'],
  ['--rtmfp-keys <file>', 'keys of RTMFP sessions, as serve --rtmfp-keylog writes them'],
  ['--no-handshake', 'the bytes begin after the handshake'],
]
