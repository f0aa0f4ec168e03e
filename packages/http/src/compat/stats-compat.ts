import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'
import { mediamtx } from './mediamtx.ts'
import { nginxRtmp } from './nginx-rtmp.ts'
import { nms } from './nms.ts'
import { passwordIsToken } from './old-clients.ts'
import { srs } from './srs.ts'

/**
 * What scripts ask other servers: nginx-rtmp's `/stat` and `/control/…`, SRS' API under `/srs`, MediaMTX' `/v3/…` and
 * Node-Media-Server's under `/nms`. Reading needs the role `view`, ending and recording `operate`: a token as Bearer, or
 * as the password of any user.
 */
export function statsCompat(): Mount {
  return guarded(async (app, house) => {
    app.addHook('onRequest', passwordIsToken)
    for (const register of [nginxRtmp, srs, mediamtx, nms]) await register(app, house)
  })
}
