import { PLANS } from "qwen-auth-core/internal"

/** The endpoints that the user can choose. The value of the choice is the index. */
export const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)
