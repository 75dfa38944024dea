// A very small browser: cookies per host, redirects followed by hand until one leaves the provider, forms filled in.

export class Browser {
  #cookies = new Map()

  constructor(stopAt) {
    this.stopAt = stopAt // addresses that begin with this are not fetched: they belong to the relying party
  }

  async open(address, options = {}) {
    let url = new URL(address)
    let request = { method: 'GET', ...options }
    for (let hops = 0; hops < 12; hops += 1) {
      if (url.href.startsWith(this.stopAt)) return { url, body: '' }
      const headers = { accept: 'text/html', cookie: this.#header(), ...(request.headers ?? {}) }
      const response = await fetch(url, { ...request, headers, redirect: 'manual' })
      this.#keep(response)
      const next = response.headers.get('location')
      if (!next) return { url, status: response.status, body: await response.text() }
      url = new URL(next, url)
      request = { method: 'GET' }
    }
    throw new Error('too many redirects')
  }

  /** Send the page's only form, with its hidden fields and the values given. */
  async submit(page, values) {
    const form = /<form\b[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(page.body)
    if (!form) throw new Error(`no form on ${page.url}`)
    const fields = new URLSearchParams()
    for (const [tag] of form[1].matchAll(/<input\b[^>]*type="hidden"[^>]*>/gi)) {
      fields.set(attribute(tag, 'name'), attribute(tag, 'value'))
    }
    for (const [name, value] of Object.entries(values)) fields.set(name, value)
    const action = attribute(/<form\b[^>]*>/i.exec(form[0])[0], 'action')
    return this.open(new URL(action || page.url.href, page.url), { method: 'POST', body: fields })
  }

  #header() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #keep(response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';')
      const at = pair.indexOf('=')
      if (attributes.some((one) => one.trim().toLowerCase() === 'max-age=0')) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
}

function attribute(tag, name) {
  const found = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)
  return found ? found[1].replaceAll('&amp;', '&').replaceAll('&#34;', '"').replaceAll('&quot;', '"') : ''
}
