import { Button, Loader, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import classes from "./sign-in.module.css";
import { SignInPage } from "./sign-in-page.tsx";

/** The password was right, and somebody else must still say yes: another device of the person, or the institution. */
export function AwaitingApproval({ status }: { readonly status: EngineStatus }) {
  return (
    <SignInPage status={status}>
      {status.pairingCode === undefined ? (
        <OfficerPending institution={status.institution} />
      ) : (
        <ApproveElsewhere pairingCode={status.pairingCode} />
      )}
    </SignInPage>
  );
}

function ApproveElsewhere({ pairingCode }: { readonly pairingCode: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Title order={1}>{t("approval.title")}</Title>
      <p className={classes.lead}>{t("approval.lead")}</p>
      <div className={classes.pairing}>
        <span className={classes.pairingLabel} id="pairing-label">
          {t("approval.code")}
        </span>
        <output aria-labelledby="pairing-label" className={classes.pairingCode}>
          <LtrValue mono>{pairingCode}</LtrValue>
        </output>
      </div>
      <ol className={classes.steps}>
        <li>{t("approval.step1")}</li>
        <li>{t("approval.step2")}</li>
        <li>{t("approval.step3")}</li>
      </ol>
      <Waiting />
      <p className={classes.small}>{t("approval.noOther")}</p>
      <StartOver />
    </>
  );
}

function OfficerPending({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Title order={1}>{t("approval.officerTitle")}</Title>
      <p className={classes.lead}>
        <Sentence
          say={(values) => t("approval.officerLead", { institution: "", ...values })}
          parts={{ institution: <bdi>{institution}</bdi> }}
        />
      </p>
      <Waiting />
      <p className={classes.small}>{t("approval.officerDo")}</p>
      <StartOver />
    </>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <p role="status" className={classes.waiting}>
      <Loader size="sm" aria-hidden />
      {t("approval.wait")}
    </p>
  );
}

function StartOver() {
  const { t } = useTranslation();
  const engine = useEngine();
  return (
    <Button variant="default" onClick={() => void engine.signOut()}>
      {t("approval.startOver")}
    </Button>
  );
}
