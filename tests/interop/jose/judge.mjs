// Asked line by line (JSON: jws as text, certificate as PEM, algorithm, payload or null), answers yes or no to each.
// It judges the signature alone: of a JSON serialization every one, with the key of the certificate that is given for it.
import { createInterface } from 'node:readline'
import { compactVerify, flattenedVerify, importX509 } from 'jose'

const CRITICAL = { crit: { sigD: true, b64: true } }

async function verified(text, certificates, algorithms, payload) {
  if (!text.startsWith('{')) {
    await compactVerify(text, await importX509(certificates[0], algorithms[0]))
    return
  }
  const { signatures, ...rest } = JSON.parse(text)
  const all = (signatures ?? [rest]).map((one) => ({ payload: rest.payload, ...one }))
  if (all.length !== certificates.length) throw new Error('another number of signatures')
  for (const [number, one] of all.entries()) {
    const key = await importX509(certificates[number], algorithms[number])
    await flattenedVerify({ ...one, payload: one.payload ?? payload }, key, CRITICAL)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  try {
    await verified(asked.jws, asked.certificates, asked.algorithms, asked.payload)
    console.log('yes')
  } catch (error) {
    console.log(`no ${error.code ?? error.name}: ${error.message}`.replaceAll('\n', ' '))
  }
}
