import * as fc from "fast-check"

/** Any sequence of UTF-16 code units, including lone surrogates and control characters. */
export const anyText = fc.array(fc.nat({ max: 0xffff })).map((codes) => String.fromCharCode(...codes))

/** Checks a synchronous property. */
export function always<T>(property: fc.IProperty<T>, numRuns = 100): void {
  void fc.assert(property, { numRuns })
}
