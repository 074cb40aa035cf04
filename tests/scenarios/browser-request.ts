/** As much of a browser's XMLHttpRequest as dicomweb-client uses, on fetch. */
export class BrowserRequest {
  readyState = 0;
  status = 0;
  responseType: "" | "text" | "json" | "arraybuffer" = "";
  response: unknown;
  onreadystatechange: () => void = () => undefined;
  #method = "GET";
  #url = "";
  readonly #sent = new Headers();
  #received = new Headers();

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#sent.append(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.#received.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.#received].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  send(body?: BodyInit): void {
    const init = { method: this.#method, headers: this.#sent, body: body ?? null };
    void fetch(this.#url, init)
      .then(async (response) => {
        this.status = response.status;
        this.#received = response.headers;
        this.response = await this.#read(response);
      })
      .catch(() => {
        this.status = 0;
      })
      .finally(() => {
        this.readyState = 4;
        this.onreadystatechange();
      });
  }

  async #read(response: Response): Promise<unknown> {
    if (this.responseType === "arraybuffer") return response.arrayBuffer();
    const text = await response.text();
    if (this.responseType !== "json") return text;
    return text === "" ? null : JSON.parse(text);
  }
}
