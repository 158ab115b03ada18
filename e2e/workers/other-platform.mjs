/**
 * Makes a process believe that it runs on another system: `node --import=…/other-platform.mjs`. For code that starts programs of that system,
 * which a test puts on the PATH.
 */
Object.defineProperty(process, "platform", { value: process.env["TEST_PLATFORM"] })
