export { addExtensionRoutes as addViewRoutes, extensionOf } from '@rtmpipe/http'
