import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useEngineValue } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { ItemDetail } from "./item-detail.tsx";
import classes from "./quarantine.module.css";

/** One of what was put aside. A version that is newer than the one on the screen is shown when it comes. */
export function ItemPage({ id, institution }: { readonly id: string; readonly institution: string }) {
  const { t } = useTranslation();
  const [version, setVersion] = useState<number | undefined>(undefined);
  return (
    <main className={classes.page} id="content" tabIndex={-1}>
      <div className={classes.wide}>
        <Link href="/quarantine" className={classes.back}>
          {t("quarantine.back")}
        </Link>
        <Version key={version} id={id} version={version} institution={institution} onVersion={setVersion} />
      </div>
    </main>
  );
}

type VersionProps = {
  readonly id: string;
  readonly version: number | undefined;
  readonly institution: string;
  readonly onVersion: (version: number | undefined) => void;
};

function Version({ id, version, institution, onVersion }: VersionProps) {
  const answer = useEngineValue({ type: "tasks" }, (engine) => engine.quarantined(id, version));
  if (answer === undefined) return null;
  if (!answer.ok) return <FailureNote code={answer.error.code} />;
  return <ItemDetail detail={answer.value} institution={institution} onVersion={onVersion} />;
}
