import { mergeScenario } from "./read-scenario.ts"
import { type EndpointName, initialScenario, type Scenario, type ScriptedAnswer } from "./scenario.ts"

/** The scenario in force. */
export class ScenarioHolder {
  #present: Scenario = initialScenario

  get present(): Scenario {
    return this.#present
  }

  /** @throws DocumentError; the scenario then stays as it was. */
  merge(document: unknown): void {
    this.#present = mergeScenario(document, this.#present)
  }

  /** Takes what the scenario has for the next request of an endpoint; undefined: the real behaviour. */
  nextAnswer(endpoint: EndpointName): ScriptedAnswer | undefined {
    const { queue, standing } = this.#present.answers[endpoint]
    const [next, ...rest] = queue
    if (next === undefined) return standing ?? undefined
    const answers = { ...this.#present.answers, [endpoint]: { queue: rest, standing } }
    this.#present = { ...this.#present, answers }
    return next
  }
}
