import { mergeScenario } from "./read-scenario.ts"
import { type EndpointName, initialScenario, type Scenario, type ScriptedAnswer } from "./scenario.ts"

/** The current scenario. */
export class ScenarioHolder {
  #present: Scenario = initialScenario

  get present(): Scenario {
    return this.#present
  }

  /** @throws DocumentError; the scenario is then unchanged. */
  merge(document: unknown): void {
    this.#present = mergeScenario(document, this.#present)
  }

  /** Takes the scripted answer for the next request of an endpoint; `undefined`: the real behaviour. */
  nextAnswer(endpoint: EndpointName): ScriptedAnswer | undefined {
    const { queue, standing } = this.#present.answers[endpoint]
    const [next, ...rest] = queue
    if (next === undefined) return standing ?? undefined
    const answers = { ...this.#present.answers, [endpoint]: { queue: rest, standing } }
    this.#present = { ...this.#present, answers }
    return next
  }
}
