import type { Endpoint } from "../world.ts"
import { pageReply } from "./page-frame.ts"
import { authorizationPage, codeEntryPage } from "./page-states.ts"

/** `GET /authorize?user_code=…`: the page for a code, or a field to enter one. */
export const showApprovalPage: Endpoint = (request, world) => {
  const userCode = request.query.get("user_code") ?? ""
  if (userCode.trim() === "") return pageReply(codeEntryPage())
  const authorization = world.authorizations.byUserCode(userCode)
  return pageReply(authorization === undefined ? codeEntryPage(userCode) : authorizationPage(authorization))
}

/**
 * `POST /authorize` with `user_code` and `decision`: the user's decision.
 *
 * The response is the page itself, not a redirect: the app may fetch its tokens at any moment, and a user who just
 * pressed Approve must read "signed in", not "already used".
 */
export const decideOnApprovalPage: Endpoint = (request, world) => {
  const form = new URLSearchParams(request.text)
  const userCode = form.get("user_code") ?? ""
  const authorization = world.authorizations.byUserCode(userCode)
  if (authorization === undefined) return pageReply(codeEntryPage(userCode))
  const decision = form.get("decision")
  if (decision === "approve") authorization.decide("approved")
  if (decision === "deny") authorization.decide("denied")
  return pageReply(authorizationPage(authorization))
}
