import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { bytesToUtf8, utf8ToBytes } from "@caseroom/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMllpServer, type MllpServer } from "../../apps/gateway/src/adapters/mllp/mllp-server.ts";

const PORT = 17_575;
let folder: string;
let server: MllpServer;
const received: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "caseroom-tls-"));
  const make = (name: string) => {
    const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    execFileSync("openssl", [...kind, ...files, ...subject], { stdio: "pipe" });
  };
  make("gateway");
  make("laboratory");
  const tls = {
    key: join(folder, "gateway.key"),
    cert: join(folder, "gateway.crt"),
    ca: join(folder, "laboratory.crt"),
  };
  server = createMllpServer({ host: "127.0.0.1", port: PORT, tls }, async (message) => {
    received.push(bytesToUtf8(message) ?? "");
    return utf8ToBytes("MSA|AA|1");
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What comes back on one connection; empty when the gateway ends it. */
function send(withCertificate: boolean): Promise<string> {
  const read = (name: string) => readFileSync(join(folder, name));
  const own = withCertificate ? { key: read("laboratory.key"), cert: read("laboratory.crt") } : {};
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", servername: "localhost", port: PORT, ca: read("gateway.crt"), ...own });
    socket.setEncoding("utf8");
    socket.on("secureConnect", () => socket.write("\u000bMSH|hello\u001c\r"));
    socket.on("data", (text) => {
      answer += text;
      if (answer.endsWith("\u001c\r")) socket.end();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
  });
}

describe("a laboratory that speaks MLLP over TLS", () => {
  it("is answered when it shows a certificate that the institution trusts", async () => {
    expect(await send(true)).toBe("\u000bMSA|AA|1\u001c\r");
    expect(received).toEqual(["MSH|hello"]);
  });

  it("is not listened to without one", async () => {
    expect(await send(false)).toBe("");
    expect(received).toEqual(["MSH|hello"]);
  });
});
