import type { Conflict } from "@caseroom/clinical";
import { Title, UnstyledButton } from "@mantine/core";
import { IconArrowsSplit2, IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMoments } from "../values/moment.ts";
import classes from "./record.module.css";
import { SourceNames } from "./source-names.tsx";
import { useSourceOpener } from "./source-opener.ts";

const SEXES = ["male", "female", "other", "unknown"] as const;

/** What cannot all be true, each statement with who makes it. Nobody is believed in silence. */
export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }) {
  const { t } = useTranslation();
  const openSource = useSourceOpener();
  if (conflicts.length === 0) return null;
  return (
    <section aria-labelledby="conflicts" className={classes.conflicts}>
      <Title order={2} size="h3" id="conflicts" className={classes.sectionTitle}>
        <IconArrowsSplit2 size={20} aria-hidden />
        {t("summary.conflicts")}
      </Title>
      <p className={classes.conflictLead}>{t("summary.conflictLead")}</p>
      {conflicts.map((conflict) => (
        <div key={conflict.id} className={classes.conflict}>
          <h3 className={classes.conflictKind}>{t(`summary.conflictKind.${conflict.kind}`)}</h3>
          <ul className={classes.facts}>
            {conflict.statements.map(({ text, sources }) => (
              <li key={text}>
                <UnstyledButton className={classes.fact} onClick={() => openSource({ title: text, sources })}>
                  <span className={classes.factText}>
                    <span className={classes.factTitle}>
                      <StatementText kind={conflict.kind} text={text} />
                    </span>
                    <span className={classes.soft}>
                      <SourceNames sources={sources} />
                    </span>
                  </span>
                  <IconChevronRight size={18} aria-hidden className={classes.onward} />
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

type StatementTextProps = { readonly kind: Conflict["kind"]; readonly text: string };

function StatementText({ kind, text }: StatementTextProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  if (kind === "birth-date") return moments.partial(text);
  const sex = kind === "sex" ? SEXES.find((known) => known === text) : undefined;
  return sex === undefined ? <bdi>{text}</bdi> : t(`patient.${sex}`);
}
