import type { ShownCertificate } from "../scenario/scenario.ts"

/** A certificate and its private key, both as PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** The differences from a valid certificate. */
interface Flaw {
  names?: readonly string[]
  /** Days from now. */
  validFrom?: number
  validUntil?: number
}

const COMMON_NAME = "qwen-simulator"
const DAY_MS = 86_400_000

const FLAWS: Record<ShownCertificate, Flaw> = {
  good: {},
  expired: { validFrom: -60, validUntil: -30 },
  "not-yet-valid": { validFrom: 30, validUntil: 60 },
  "other-host": { names: ["other.example"] },
}

/**
 * Creates a certificate of each kind for these names. Each is self-signed, so that a client can trust it directly.
 * The private keys exist only in this process.
 */
export async function makeCertificates(names: readonly string[]): Promise<Record<ShownCertificate, Certificate>> {
  const make = (kind: ShownCertificate) => makeCertificate(`${COMMON_NAME} ${kind}`, { names, ...FLAWS[kind] })
  return {
    good: await make("good"),
    expired: await make("expired"),
    "not-yet-valid": await make("not-yet-valid"),
    "other-host": await make("other-host"),
  }
}

async function makeCertificate(
  commonName: string,
  { names = [], validFrom = 0, validUntil = 365 }: Flaw,
): Promise<Certificate> {
  // Imported here, so that a start without a proxy does not load it.
  const { generate } = await import("selfsigned")
  const altNames = names.map((value) => ({ type: 2 as const, value }))
  const { cert, private: key } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() + validFrom * DAY_MS),
    notAfterDate: new Date(Date.now() + validUntil * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames },
    ],
  })
  return { cert, key }
}
