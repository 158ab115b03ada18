/** Qwen Code's public client id, the only one that the service accepts. */
export const CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"
