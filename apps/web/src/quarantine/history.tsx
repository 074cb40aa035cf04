import type { QuarantineDetail } from "@caseroom/contract";
import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Sentence } from "../messages/sentence.tsx";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import classes from "./quarantine.module.css";

/** Who looked and who did what, newest first. */
export function History({ detail }: { readonly detail: QuarantineDetail }) {
  const { t } = useTranslation();
  const moments = useMoments();
  if (detail.acts.length === 0) return null;
  return (
    <section aria-labelledby="history" className={classes.card}>
      <Title order={2} size="h3" id="history">
        {t("quarantine.history")}
      </Title>
      <ul className={classes.history}>
        {detail.acts.toReversed().map(({ act, atMs, by, version, note }) => (
          <li key={`${atMs} ${act} ${by}`}>
            <span>
              <Sentence
                say={(values) => t(`quarantine.act.${act}`, { who: "", number: version ?? 1, ...values })}
                parts={{ who: <PersonName name={by} /> }}
              />
              {note !== null && (
                <>
                  {": "}
                  <bdi>{note}</bdi>
                </>
              )}
            </span>
            <span className={classes.soft}>{moments.dayAndTime(atMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
