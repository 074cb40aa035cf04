import { useTranslation } from "react-i18next";
import type en from "../messages/en.json";

type StatusKey = keyof (typeof en)["status"];

const SHOWN: readonly StatusKey[] = [
  "active",
  "inactive",
  "resolved",
  "remission",
  "recurrence",
  "relapse",
  "completed",
  "stopped",
  "on-hold",
  "intended",
  "not-taken",
  "cancelled",
  "draft",
  "confirmed",
  "unconfirmed",
  "provisional",
  "differential",
  "refuted",
  "final",
  "preliminary",
  "registered",
  "amended",
  "corrected",
  "unknown",
];

/** A FHIR status in the person's language; one that is not known stands as its source wrote it. */
export function StatusWord({ status }: { readonly status: string }) {
  const { t } = useTranslation();
  const key = SHOWN.find((known) => known === status);
  return key === undefined ? <bdi>{status}</bdi> : t(`status.${key}`);
}
