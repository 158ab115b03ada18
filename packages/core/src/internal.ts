export type { RefusedRequest } from "./api/api-failure.ts"
export { readAnswer } from "./http/answer.ts"
export { API_DOMAINS, API_HOSTS } from "./http/api-url.ts"
