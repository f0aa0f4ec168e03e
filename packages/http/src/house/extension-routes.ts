import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const strategy = 'rtmpipeExtension'

/** Answers requests for one kind of file. */
export type ExtensionHandler = (request: FastifyRequest, reply: FastifyReply) => unknown

/**
 * Serves the paths that end in an extension, however many slashes they have, and leaves all others to other routes.
 *
 * @param extension without the dot: `flv`
 */
export function addExtensionRoutes(app: FastifyInstance, extension: string, handler: ExtensionHandler): void {
  addStrategy(app)
  const constraints = { [strategy]: extension }
  app.route({ method: ['GET', 'HEAD', 'OPTIONS'], url: '/*', constraints, handler: async (...all) => handler(...all) })
}

/** Whether something serves the paths that end in an extension, as far as it was added until now. */
export function hasExtensionRoutes(app: FastifyInstance, extension: string): boolean {
  if (!app.hasConstraintStrategy(strategy)) return false
  return app.hasRoute({ method: 'GET', url: '/*', constraints: { [strategy]: extension } })
}

/** The extension of a path, in lower case; undefined if it has none. @param url path, and perhaps a query */
export function extensionOf(url: string): string | undefined {
  return /^[^?#]*\.([a-z\d]{1,8})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase()
}

/** Routers know paths by their beginning only. */
function addStrategy(app: FastifyInstance): void {
  if (app.hasConstraintStrategy(strategy)) return
  app.addConstraintStrategy({
    name: strategy,
    storage: () => {
      const handlers = new Map<string, unknown>()
      return {
        get: (extension: string) => (handlers.get(extension) as never) ?? null,
        set: (extension: string, handler: unknown) => void handlers.set(extension, handler),
      }
    },
    deriveConstraint: ({ url = '' }) => extensionOf(url),
    mustMatchWhenDerived: false,
  })
}
