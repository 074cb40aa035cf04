import { readFileSync } from "node:fs";
import { bytesToUtf8, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { type AckInput, buildAck } from "./build-ack.ts";

const request = readFileSync(new URL("../../../../fixtures/hl7v2/oru-hba1c.hl7", import.meta.url));
const nowMs = Date.parse("2026-11-20T15:06:07.089+08:00");
const answer = (input: Partial<AckInput>) =>
  bytesToUtf8(buildAck({ request, code: "AA", controlId: "A1", nowMs, ...input }))?.split("\r");

describe("an acknowledgement", () => {
  it("changes sender and receiver and names the message", () => {
    expect(answer({})).toEqual([
      "MSH|^~\\&|CASEROOM|KDC|LIS|KDC|20261120150607.089+0800||ACK^R01^ACK|A1|P|2.5.1",
      "MSA|AA|KDC-20261120-0001",
      "",
    ]);
  });

  it("says where and why a message was refused, and nothing about the patient", () => {
    const segments = answer({ code: "AE", problem: { code: "SOURCE_INCOMPLETE", segment: "PID", field: 3 } });
    expect(segments?.[2]).toBe(
      "ERR||PID^1^3|101^Required field missing^HL70357|E||||Required field missing PID-3 (SOURCE_INCOMPLETE)",
    );
    expect(segments?.join()).not.toContain("Chan");
  });

  it("speaks in the separators of the request", () => {
    const own = utf8ToBytes("MSH@~&#\\@A@B@C@D@2026@@ADT~A01~ADT_A01@7@P@2.5\rPID@1");
    expect(answer({ request: own, problem: { code: "SOURCE_UNSUPPORTED", segment: "MSH", field: 9 } })).toEqual([
      "MSH@~&#\\@C@D@A@B@20261120150607.089+0800@@ACK~A01~ACK@A1@P@2.5",
      "MSA@AA@7",
      "ERR@@MSH~1~9@200~Unsupported message type~HL70357@E@@@@Unsupported message type MSH-9 (SOURCE_UNSUPPORTED)",
      "",
    ]);
  });

  it("is given to bytes that are no message at all", () => {
    for (const bytes of [
      new Uint8Array(),
      utf8ToBytes("GET / HTTP/1.1"),
      new Uint8Array(9_000).fill(0xff),
      utf8ToBytes("MSH"),
    ])
      expect(answer({ request: bytes, code: "AR" })?.slice(0, 2)).toEqual([
        "MSH|^~\\&|||||20261120150607.089+0800||ACK|A1|P|2.5.1",
        "MSA|AR|",
      ]);
  });
});
