/** Properties that lists can be filtered by, as `?NAME=VALUE`. */
export const filters = {
  connections: ['app', 'transport', 'principal', 'worker'],
  streams: ['app', 'name', 'isLive', 'isPublishing', 'origin', 'publisher', 'worker'],
  players: ['stream', 'connection', 'app', 'name', 'isSlow', 'worker'],
  recordings: ['stream', 'by'],
  relays: ['stream', 'by', 'direction', 'state'],
  refusals: ['what', 'app', 'name', 'plugin', 'code', 'worker'],
} as const
