/** Qwen Code's public client id, the only one that the service accepts. */
export const CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"

/** The scopes of Qwen's sign-in, and what each means to the user who grants it. */
export const SCOPES: Readonly<Record<string, string>> = {
  openid: "Know who you are",
  profile: "See your name and picture",
  email: "See your e-mail address",
  "model.completion": "Send requests to Qwen models for you",
}
