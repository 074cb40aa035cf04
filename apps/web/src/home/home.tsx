import { Button, Title } from "@mantine/core";
import { IconFileImport, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Me } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { PersonName } from "../values/person-name.tsx";
import { CaseList } from "./case-list.tsx";
import classes from "./home.module.css";
import { InstitutionTasks } from "./institution-tasks.tsx";
import { Invitations } from "./invitations.tsx";

export function Home({ me }: { readonly me: Me | undefined }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const cases = useEngineValue({ type: "cases" }, (engine) => engine.cases());
  return (
    <main className={classes.home} id="content" tabIndex={-1}>
      <div className={classes.column}>
        <div className={classes.head}>
          <div>
            {me !== undefined && (
              <p className={classes.hello}>
                <Sentence
                  say={(values) => t("home.hello", { name: "", ...values })}
                  parts={{ name: <PersonName name={me.name} /> }}
                />
              </p>
            )}
            <Title order={1}>{t("home.title")}</Title>
          </div>
          <div className={classes.acts}>
            <Button
              size="md"
              variant="default"
              leftSection={<IconFileImport size={18} aria-hidden />}
              onClick={() => navigate("/import")}
            >
              {t("home.import")}
            </Button>
            <NewCaseButton />
          </div>
        </div>
        <Invitations />
        <CaseList cases={cases} look="cards" />
        <InstitutionTasks />
      </div>
    </main>
  );
}

export function NewCaseButton({ compact = false }: { readonly compact?: boolean }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  return (
    <Button
      size={compact ? "sm" : "md"}
      variant={compact ? "light" : "filled"}
      leftSection={<IconPlus size={18} aria-hidden />}
      onClick={() => navigate("/new")}
    >
      {t("home.newCase")}
    </Button>
  );
}
