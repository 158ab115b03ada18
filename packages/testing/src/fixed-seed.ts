import * as fc from "fast-check"

// The same values in every run, so that a change is the only reason for a red run. `npm run test:all` tries new values.
if (process.env["TRIALS"] !== "many") fc.configureGlobal({ seed: 20_261_126 })
