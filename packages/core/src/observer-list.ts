import { guardedObserver } from './guarded-observer.ts'
import type { Observer } from './observer.ts'

/** Several observers as one, to which others come and go. Methods that nobody has are absent, so that nothing is made up for them. */
export class ObserverList {
  #guarded: readonly Observer[]
  /** What events are told to: one object for good. */
  readonly observer: Observer
  #methods: Observer = {}

  constructor(first: Observer | undefined) {
    this.#guarded = first === undefined ? [] : [guardedObserver(first)]
    this.#listen()
    const methods = (): Observer => this.#methods
    this.observer = Object.freeze({
      get onStatement() {
        return methods().onStatement
      },
      get onAnswer() {
        return methods().onAnswer
      },
      get onDecision() {
        return methods().onDecision
      },
      get onCatalog() {
        return methods().onCatalog
      },
      get onWarning() {
        return methods().onWarning
      },
    } as Observer)
  }

  /** Returns what removes it again. */
  add(observer: Observer): () => void {
    const guarded = guardedObserver(observer)
    this.#guarded = [...this.#guarded, guarded]
    this.#listen()
    return () => {
      this.#guarded = this.#guarded.filter((each) => each !== guarded)
      this.#listen()
    }
  }

  #listen(): void {
    this.#methods = {
      ...this.#all('onStatement'),
      ...this.#all('onAnswer'),
      ...this.#all('onDecision'),
      ...this.#all('onCatalog'),
      ...this.#all('onWarning'),
    }
  }

  #all(name: keyof Observer): Observer {
    const methods = this.#guarded.flatMap((each) => each[name] ?? []) as ((event: never) => void)[]
    const [only, ...others] = methods
    if (only === undefined) return {}
    if (others.length === 0) return { [name]: only }
    return {
      [name]: (event: never) => {
        for (const method of methods) method(event)
      },
    }
  }
}
