/** The exit status of every command. */
export const EXIT = {
  done: 0,
  /** The command failed, or `status`: a sign-in is needed, or `doctor`: there is a problem. */
  failed: 1,
  /** The service could not be reached. */
  unreachable: 2,
  /** The command was called in a wrong way (EX_USAGE of sysexits.h). */
  usage: 64,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const
