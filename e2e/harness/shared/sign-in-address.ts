/** The user code in the address of a Qwen account's sign-in; empty without one. */
export function userCodeIn(url: string): string {
  return new URL(url).searchParams.get("user_code") ?? ""
}

/** The notice in the address of a console's sign-in; empty without one. The address is not an ordinary URL: its parameter contains a query. */
export function noticeIn(url: string): string {
  return /notice=(127\.0\.0\.1:\d+\?state=[0-9a-f]{32})/.exec(url)?.[1] ?? ""
}
