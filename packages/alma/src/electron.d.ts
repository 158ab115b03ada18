/** Electron's module, which exists only inside Alma. */
declare module "electron" {
  export const shell: unknown
}
