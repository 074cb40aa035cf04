import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { err, type Failure, failure, isErrorCode, ok, parseJson, type Result } from "@caseroom/contract";

/** The administration door of a gateway, as the command line uses it. */
export type GatewayAdmin = {
  readonly post: (path: string, body: unknown, mediaType?: string) => Promise<Result<unknown, Failure>>;
  readonly get: (path: string) => Promise<Result<unknown, Failure>>;
  /** As text: a number that is parsed and written again loses its decimals. */
  readonly getText: (path: string) => Promise<Result<string, Failure>>;
};

export function createGatewayAdmin(url: string, token: string): GatewayAdmin {
  const callText = async (path: string, init: RequestInit): Promise<Result<string, Failure>> => {
    try {
      const response = await fetch(new URL(path, url), {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
        signal: AbortSignal.timeout(60_000),
      });
      const text = await response.text();
      if (response.ok) return ok(text);
      const json = parseJson(text);
      const problem = json.ok ? json.value : undefined;
      const code: unknown = typeof problem === "object" && problem !== null ? Reflect.get(problem, "code") : undefined;
      return err(failure(typeof code === "string" && isErrorCode(code) ? code : "UNAVAILABLE"));
    } catch {
      return err(failure("OFFLINE"));
    }
  };
  const call = async (path: string, init: RequestInit): Promise<Result<unknown, Failure>> => {
    const text = await callText(path, init);
    if (!text.ok) return text;
    const json = parseJson(text.value);
    return ok(json.ok ? json.value : undefined);
  };
  return {
    get: (path) => call(path, { method: "GET" }),
    getText: (path) => callText(path, { method: "GET" }),
    post: (path, body, mediaType = "application/json") =>
      call(path, {
        method: "POST",
        headers: { "content-type": mediaType },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

/** The token lies with the gateway's keys; who may read that file may administer the gateway. */
export function readGatewayToken(gatewayDir: string): string {
  return readFileSync(join(gatewayDir, "keys", "api.token")).toString("base64url");
}

export async function awaitFile(path: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!existsSync(path)) {
    if (Date.now() > deadline) throw new Error(`${path} did not appear; see the logs`);
    await sleep(50);
  }
}

export async function awaitReady(url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const isReady = await fetch(new URL("/readyz", url)).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > deadline) throw new Error(`${url} is not ready; see the logs`);
    await sleep(100);
  }
}
