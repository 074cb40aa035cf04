import { createHubApi } from "@caseroom/client";
import { bytesToUtf8, logCheckpoint, metaGet } from "@caseroom/contract";
import { verifyCheckpoint } from "@caseroom/crypto/verify";
import { type Finding, fine, wrong } from "./findings.ts";

/** Clients refuse a checkpoint that is further from their clock (phase-1 §2.3). */
const CLOCK_MS = 120_000;

/** Whether clients could work with this hub now. */
export async function lookAtHub(url: string, nowMs: () => number): Promise<readonly Finding[]> {
  const about = `hub ${url}`;
  const api = createHubApi({ baseUrl: url, fetch, token: () => undefined });
  const meta = await api.call(metaGet, {});
  if (!meta.ok)
    return [
      wrong(
        about,
        "does not answer",
        "see that its process runs (its log says why it ended), and that this address leads to it",
      ),
    ];
  const { consortiumId, nowMs: hubMs, origin, logKey, cosignKey } = meta.value.head;
  const findings = [fine(about, "answers")];
  const apartMs = Math.abs(nowMs() - hubMs);
  findings.push(
    apartMs < CLOCK_MS
      ? fine(about, "its clock agrees with this one")
      : wrong(
          about,
          `its clock is ${Math.round(apartMs / 1000)} s from this one`,
          "set both by NTP: clients refuse a log that is not of now",
        ),
  );
  if (consortiumId === null)
    return [...findings, wrong(about, "no consortium is founded", "let the consortium's officers send its genesis")];
  const reply = await api.call(logCheckpoint, {});
  const note = reply.ok ? (bytesToUtf8(reply.value.raw) ?? "") : "";
  const checkpoint = await verifyCheckpoint(note, { origin, logKey, cosignKey });
  if (!checkpoint.ok)
    return [
      ...findings,
      wrong(
        about,
        "its newest checkpoint does not verify",
        "stop it and compare its keys with a backup: clients refuse everything",
      ),
    ];
  const isFresh = Math.abs(checkpoint.value.cosignedAtMs - hubMs) < CLOCK_MS;
  findings.push(
    isFresh
      ? fine(about, `its log has ${checkpoint.value.size} lines, signed just now`)
      : wrong(about, "its newest checkpoint is old", "its sequencer has stopped: see its log, then start it again"),
  );
  return findings;
}
