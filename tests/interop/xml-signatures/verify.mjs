/**
 * Two readers of XML signatures: each line of the standard input names a reader, a file and a certificate (PEM), divided
 * by tabs; each is answered by `yes`, or `no` with a reason.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DOMImplementation, DOMParser, XMLSerializer } from "@xmldom/xmldom";
import { setNodeDependencies } from "xml-core";
import * as xades from "xadesjs";
import { SignedXml } from "xml-crypto";
import * as xpath from "xpath";

const DS = "http://www.w3.org/2000/09/xmldsig#";
setNodeDependencies({ DOMImplementation, DOMParser, XMLSerializer, xpath: xpath.default ?? xpath });
xades.Application.setEngine("node", globalThis.crypto);

const readers = {
  /** With the certificate in the file: it says whether value and references hold. */
  async xadesjs(text) {
    const document = xades.Parse(text);
    const signed = new xades.SignedXml(document);
    signed.LoadXml(document.getElementsByTagNameNS(DS, "Signature")[0]);
    return signed.Verify();
  },
  /** With the certificate that it is given. */
  async "xml-crypto"(text, certificate) {
    const document = new DOMParser().parseFromString(text, "text/xml");
    const signed = new SignedXml({ publicCert: certificate, idAttributes: ["Id"] });
    signed.loadSignature(document.getElementsByTagNameNS(DS, "Signature")[0]);
    return signed.checkSignature(text);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [reader, file, certificate] = line.split("\t");
  try {
    const good = await readers[reader](readFileSync(file, "utf-8"), readFileSync(certificate, "utf-8"));
    console.log(good ? "yes" : "no");
  } catch (error) {
    console.log(`no\t${String(error).replace(/\s+/g, " ")}`);
  }
}
