import type { QuarantineItem } from "@caseroom/contract";
import { IconChevronRight, IconFileText, IconPhoto } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import classes from "./quarantine.module.css";

export function ItemRow({ item }: { readonly item: QuarantineItem }) {
  const { t } = useTranslation();
  const Icon = item.mediaType === "application/dicom" ? IconPhoto : IconFileText;
  return (
    <li>
      <Link href={`/quarantine/${item.id}`} className={classes.row}>
        <Icon size={22} aria-hidden className={classes.quiet} />
        <span className={classes.rowText}>
          <span className={classes.why}>{t(`quarantine.why.${item.why}`)}</span>
          <ItemFacts item={item} />
        </span>
        <IconChevronRight size={18} aria-hidden className={classes.onward} />
      </Link>
    </li>
  );
}

/** From where, when and where in it. */
export function ItemFacts({ item }: { readonly item: QuarantineItem }) {
  const { t } = useTranslation();
  const moments = useMoments();
  return (
    <span className={classes.facts}>
      <span>{t(`quarantine.source.${item.source}`)}</span>
      {item.sender !== "" && (
        <span>
          <LtrValue>{item.sender}</LtrValue>
        </span>
      )}
      <span>{moments.dayAndTime(item.receivedMs)}</span>
      {item.place !== "" && (
        <span>
          <LtrValue>{item.place}</LtrValue>
        </span>
      )}
      {item.version > 1 && <span>{t("quarantine.versionNumber", { number: item.version })}</span>}
    </span>
  );
}
