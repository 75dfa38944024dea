// Signature values judged by the OpenSSL inside this Node.js: one JSON object a line in, one answer a line out.
// {"version": true} asks which OpenSSL it is; {certificate, message, signature} (base64; DER, bytes, bytes) whether the
// key of the certificate made the signature; with `issuer` (DER) whether the certificate was issued by that one.
import { X509Certificate, verify } from "node:crypto";
import { createInterface } from "node:readline";

const bytes = (text) => Buffer.from(text, "base64");

function answer(asked) {
  if (asked.version) return process.versions.openssl;
  const certificate = new X509Certificate(bytes(asked.certificate));
  if (asked.issuer) {
    const issuer = new X509Certificate(bytes(asked.issuer));
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  }
  return verify(null, bytes(asked.message), certificate.publicKey, bytes(asked.signature));
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = answer(JSON.parse(line));
  } catch (error) {
    said = `${error}`;
  }
  console.log(JSON.stringify(said));
}
