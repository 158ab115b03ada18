/** A certificate and its private key, both as PEM. */
export interface Certificate {
  cert: string
  key: string
}

const COMMON_NAME = "qwen-simulator"

/**
 * Makes a certificate for these names that signs itself, so that a client trusts it by trusting it alone.
 * The key lives in this process only.
 */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  // Imported here, so that a start without a proxy pays nothing for it.
  const { generate } = await import("selfsigned")
  const altNames = names.map((value) => ({ type: 2 as const, value }))
  const { cert, private: key } = await generate([{ name: "commonName", value: COMMON_NAME }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames },
    ],
  })
  return { cert, key }
}
