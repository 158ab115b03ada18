/** Qwen Code's public client id, the only one the service knows. */
export const CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"
