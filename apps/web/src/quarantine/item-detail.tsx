import type { QuarantineDetail } from "@caseroom/contract";
import { Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { LtrValue } from "../values/ltr-value.tsx";
import { SideBySide } from "../values/side-by-side.tsx";
import { History } from "./history.tsx";
import { ItemActs } from "./item-acts.tsx";
import { ItemFacts } from "./item-row.tsx";
import { Original } from "./original.tsx";
import classes from "./quarantine.module.css";

type ItemDetailProps = {
  readonly detail: QuarantineDetail;
  readonly institution: string;
  readonly onVersion: (version: number | undefined) => void;
};

/** Why it was not taken beside what it says, and what can be done about it. */
export function ItemDetail({ detail, institution, onVersion }: ItemDetailProps) {
  const { t } = useTranslation();
  const { item, findings, said, known } = detail;
  const isWaiting = item.state === "waiting";
  // A version that fits is not called by what was wrong with the one before it.
  const why = findings[0]?.kind ?? item.why;
  return (
    <>
      <div>
        <Title order={1} className={classes.itemTitle}>
          {isWaiting ? t(`quarantine.why.${why}`) : t(`quarantine.state.${item.state}`)}
        </Title>
        <ItemFacts item={item} />
      </div>
      {isWaiting && <ItemActs key={item.version} detail={detail} onVersion={onVersion} />}
      <div className={classes.panes}>
        <section aria-labelledby="why" className={classes.card}>
          <Title order={2} size="h3" id="why">
            {t("quarantine.whyTitle")}
          </Title>
          <ul className={classes.findings}>
            {findings.map((finding) => (
              <li key={`${finding.kind} ${finding.place}`} data-fine={finding.kind === "none"}>
                {finding.kind === "none" ? (
                  <IconCircleCheck size={20} aria-hidden />
                ) : (
                  <IconAlertTriangle size={20} aria-hidden />
                )}
                <span>
                  {t(`quarantine.why.${finding.kind}`)}
                  {finding.place !== "" && (
                    <>
                      {" · "}
                      <LtrValue>{finding.place}</LtrValue>
                    </>
                  )}
                  <span className={classes.soft}>{t(`quarantine.do.${finding.kind}`)}</span>
                </span>
              </li>
            ))}
          </ul>
          {said !== null &&
            known.map((patient, index) => (
              <SideBySide
                // biome-ignore lint/suspicious/noArrayIndexKey: two records may read alike, and their order does not change
                key={index}
                caption={t("quarantine.compare")}
                titles={[t("quarantine.says"), t("quarantine.onRecord", { institution })]}
                people={[said, patient]}
              />
            ))}
        </section>
        <Original key={detail.version} detail={detail} onVersion={onVersion} />
      </div>
      <History detail={detail} />
    </>
  );
}
