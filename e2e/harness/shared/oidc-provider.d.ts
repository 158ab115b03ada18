/** The used part of oidc-provider, which ships no types. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http"

  interface DeviceCode {
    accountId?: string
    grantId?: string
    scope?: string
    error?: string
    params: { client_id: string; scope: string }
    save(): Promise<string>
  }
  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }
  export default class Provider {
    constructor(issuer: string, configuration: object)
    callback(): RequestListener
    DeviceCode: { findByUserCode(userCode: string): Promise<DeviceCode | undefined> }
    Grant: new (properties: {
      accountId: string
      clientId: string
    }) => Grant
  }
}
