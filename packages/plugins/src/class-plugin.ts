import type { Plugin } from '@rtmpipe/session'
import { type DependencyContainer, injectable, instanceCachingFactory } from 'tsyringe'
import { ClassHost } from './class-host.ts'
import { HOST, LOGGER, SERVER } from './tokens/index.ts'

/** A plugin as a class whose constructor asks for its dependencies with `@inject(TOKEN)`. */
export type PluginClass = new (...dependencies: never[]) => Plugin

/** The one instance of a class in one server, made when it is first asked for. */
export class ClassPlugin {
  readonly #class: new () => Plugin
  /** Of its own, because each class has a host of its own. */
  readonly #container: DependencyContainer
  #host: ClassHost | undefined
  #instance: Plugin | undefined

  /** @param parent where the dependencies are registered */
  constructor(pluginClass: PluginClass, parent: DependencyContainer) {
    this.#class = pluginClass as new () => Plugin
    this.#container = parent.createChildContainer()
    // Does the work of the class decorator, so that a plugin's author only has to mark dependencies.
    injectable()(this.#class)
    this.#container.register(this.#class, { useClass: this.#class })
    this.#container.register(HOST, { useFactory: instanceCachingFactory(container => this.#makeHost(container)) })
  }

  /** @throws when a dependency is not registered */
  get instance(): Plugin {
    if (this.#instance === undefined) {
      this.#instance = this.#container.resolve(this.#class)
      this.#host?.belongTo(this.#instance)
    }
    return this.#instance
  }

  /** Undefined when the class did not ask for it. */
  get host(): ClassHost | undefined {
    return this.#host
  }

  /** Calls the instance's `dispose()`, if there are both. */
  async dispose(): Promise<void> {
    await this.#container.dispose()
  }

  #makeHost(container: DependencyContainer): ClassHost {
    this.#host = new ClassHost(this.#class.name, container.resolve(LOGGER), container.resolve(SERVER))
    return this.#host
  }
}
